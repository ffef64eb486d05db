// The older interface, of an Android kernel with one system cache: two modules, and the files they show.

export { Android, type AndroidOptions } from "./android.ts";
export type { Compat } from "./compat.ts";
export type { Derivative } from "./derivatives.ts";
export type { MscFacts } from "./msc.ts";
export type { AndroidKernel, AndroidMachine, LogLine, Task, TaskLabel, Tasks } from "./needs.ts";
export { deviceName } from "./port.ts";
