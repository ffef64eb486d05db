// The resctrl filesystem.

export { type MountFlags, type MountOptions, type Profile, parseMountOptions } from "./options.ts";
export { Resctrl } from "./resctrl.ts";
