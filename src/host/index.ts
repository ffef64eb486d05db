// The host that programs run on, dressed as the emulated machine: prepared files, mount namespaces, threads.

export { type FileContent, type Files, writeFiles } from "./files.ts";
export { mountinfoAsResctrl, mountsAsResctrl } from "./mount-table.ts";
export { cpuinfo, type Offered, withResctrl } from "./proc.ts";
export { cpuFiles } from "./sysfs-cpu.ts";
export { nodeFiles } from "./sysfs-node.ts";
export { HostThreads } from "./threads.ts";
