// The resctrl filesystem.

export { formatMask } from "./cpumask.ts";
export { type MountOptions, Resctrl } from "./resctrl.ts";
