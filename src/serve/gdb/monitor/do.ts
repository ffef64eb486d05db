// monitor do: a line of a script, as somebody at a shell of the machine would do it.

import type { Outcome } from "../../../script/index.ts";
import { type Command, wrongUse } from "./command.ts";
import { runLater } from "./script-line.ts";

export const doLine: Command = {
  name: "do",
  usage: "[@TIME] LINE",
  about: "a line of a script (docs/scripts.md): do mkdir web; do @10us write web/schemata L3:0=f, 10 us from now",
  async run(words, session, line) {
    if (words.length === 0) throw wrongUse(this, "a line is needed");
    return line.startsWith("@") ? runLater(line, session) : told(await session.board.perform(line));
  },
};

/** What a line told; nothing where it did what it was to do. */
function told({ text, met, diff }: Outcome): string {
  return text ?? (met === false ? `not as expected\n${diff}` : "");
}
