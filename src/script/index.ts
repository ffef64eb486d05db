// Scripts: what happens at model times, and what is expected of it (docs/scripts.md).

export type { Action, Outcome, ScriptLine, ScriptPlace, ScriptTime, ScriptTree } from "./line.ts";
export { parseScript } from "./parse.ts";
export { describeLine, ScriptError, type ScriptHooks, ScriptRun, type Told } from "./run.ts";
export { showTime } from "./time.ts";
