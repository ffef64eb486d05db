// The resctrl filesystem.

export { formatMask } from "./cpumask.ts";
export { type MountFlags, type MountOptions, type Profile, parseMountOptions } from "./options.ts";
export type { Proposal } from "./proposed.ts";
export { Resctrl } from "./resctrl.ts";
