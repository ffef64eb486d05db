// The resctrl filesystem.

export { type MountOptions, Resctrl } from "./resctrl.ts";
