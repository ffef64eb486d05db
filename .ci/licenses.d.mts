export function licenses(files: readonly string[]): Promise<string>;
