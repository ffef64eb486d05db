// The bus: how software reaches the registers of an MSC.

export type { Access, Bus } from "./bus.ts";
export { Holding, Lock, type LockName, NOTHING_HELD } from "./lock.ts";
export { type BusSpace, MmioBus, type RegisterPort } from "./mmio.ts";
