// A line of a script, run now, or later if it has a time from now on.

import { describeLine, parseScript, ScriptRun } from "../../../script/index.ts";
import { NO_TREE } from "../../software.ts";
import type { Session } from "../session.ts";

/** What it told, and what lines that wait will tell the console. Throws what it was refused with. */
export async function runLine(line: string, session: Session): Promise<string> {
  const { board } = session;
  const parsed = parseScript(line, "monitor");
  const said: string[] = [];
  let isNow = true;
  await board.exclusive(async () => {
    const tree = board.software?.tree ?? NO_TREE;
    const run = new ScriptRun(board.machine, tree, parsed, {
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
