// The kernel of the emulated machine, as far as labels ask for one.

export type { SwitchCounts } from "./context.ts";
export type { CpuId, Features, KernelLog } from "./features.ts";
export { type BootOptions, type Changed, Kernel, type KernelCpu, type KernelHost, type KernelState } from "./kernel.ts";
export type { KernelMode, LabelPair } from "./policy.ts";
export type { RegisterAccess, RegisterPort } from "./registers.ts";
export { checkLabel, type LabelLimits, NO_LABEL, sameLabel, type TaskLabel } from "./tag.ts";
export type { ForkOptions, Task } from "./tasks.ts";
