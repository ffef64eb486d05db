// The bus: how software reaches the registers of an MSC.

export type { Bus } from "./bus.ts";
export { type BusSpace, MmioBus, type RegisterPort } from "./mmio.ts";
