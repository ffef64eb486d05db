// Sockets: registers, interrupts and the clock of a machine for programs of others.

export type { Accessor } from "./accessor.ts";
export { type Address, parseAddress, showAddress } from "./address.ts";
export { Board, type BoardOptions } from "./board.ts";
export { gdb, gdbRefusal } from "./gdb/connect.ts";
export type { LineChange } from "./interrupt-lines.ts";
export { LIMITS, type Limits } from "./limits.ts";
export { type Connect, type Handler, type ListenOptions, listen, type Out } from "./listen.ts";
export type { Listener } from "./listener.ts";
export { Metrics } from "./metrics.ts";
export { serveMetrics } from "./metrics-server.ts";
export { ISOLATED, PageFiles, servePage } from "./page-server.ts";
export { qtest } from "./qtest/connect.ts";
export type { ReplayAsked, ReplayStatus } from "./running.ts";
export type { BootOptions, Software } from "./software.ts";
