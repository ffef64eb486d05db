// The bus: how software reaches the registers of an MSC.

export type { Access, Bus } from "./bus.ts";
export { Holding, Lock, type LockName, NOTHING_HELD } from "./lock.ts";
export { type BusSpace, type CpuChoice, MmioBus, type PhysicalPort } from "./mmio.ts";
export { PageBus, type RegisterPort } from "./page.ts";
