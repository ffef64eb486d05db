// monitor restore: the machine as it was when a snapshot was taken.

import { time } from "../../../written/index.ts";
import { type Command, wrongUse } from "./command.ts";
import { readBytes } from "./files.ts";

export const restore: Command = {
  name: "restore",
  usage: "FILE",
  about: "the machine as it was when the snapshot in a file was taken; traces that run end",
  async run(_words, session, line) {
    if (line === "") throw wrongUse(this, "a file is needed");
    session.board.checkFiles();
    await session.board.restore(await readBytes(line));
    session.takeInterrupts();
    const { platform, clock } = session.board.machine;
    return `${platform.name} at model time ${time(clock.now)}`;
  },
};
