// A machine whose model time goes with the clock on the wall, with traces running in it.

export { Live, type LiveOptions, type LiveScript } from "./live.ts";
export { loopTogether } from "./loop.ts";
export type { Wall } from "./wall.ts";
