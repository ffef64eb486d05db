// mpam report: what a run that was kept becomes, and two runs side by side.
export async function report(_path: string, _options: object): Promise<void> {}
export async function diff(_a: string, _b: string, _options: object): Promise<void> {}
