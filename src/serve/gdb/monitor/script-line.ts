// A line of a script with a time from now on.

import { describeLine, parseScript, ScriptRun } from "../../../script/index.ts";
import { NO_TREE } from "../../software.ts";
import type { Session } from "../session.ts";

/** Waits on the clock for what is still to come, and tells the console of it. Answers what the line told at once. */
export async function runLater(line: string, session: Session): Promise<string> {
  const { board } = session;
  const parsed = parseScript(line, "monitor");
  const said: string[] = [];
  let isNow = true;
  await board.exclusive(async () => {
    const run = new ScriptRun(board.machine, board.software?.tree ?? NO_TREE, parsed, {
      onLine(told) {
        const text = describeLine(told).trimEnd();
        if (text === "") return;
        if (isNow) said.push(text);
        else session.console.say(text);
      },
    });
    await run.begin();
  });
  isNow = false;
  return said.join("\n");
}
