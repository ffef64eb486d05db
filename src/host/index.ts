// The host that programs run on, dressed as the emulated machine: prepared files, mount namespaces, threads.

export type { FileContent, Files } from "./files.ts";
export { writeFiles } from "./files.ts";
export { cpuinfo, type Offered, withType } from "./proc.ts";
export { type Shown, Stage } from "./stage.ts";
export { cpuFiles } from "./sysfs-cpu.ts";
export { nodeFiles } from "./sysfs-node.ts";
export { bindAndroid, MPAM, placeOfDevice, RESCTRL, roomInSysfs } from "./sysfs-room.ts";
export { HostThreads } from "./threads.ts";
export { EXEC_SCRIPT, quoted, type TypeEdits, typeEdits } from "./type-shown.ts";
