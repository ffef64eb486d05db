// Many configurations at once: plans, units, results, and the answers made of them.

export { describeSweep } from "./answers/table.ts";
