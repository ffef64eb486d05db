// monitor snapshot: the whole machine, software and all, in a file.

import { showSize } from "../../../written/index.ts";
import { type Command, wrongUse } from "./command.ts";
import { writeBytes } from "./files.ts";

export const snapshot: Command = {
  name: "snapshot",
  usage: "FILE",
  about: "writes the machine to a file of the server, for restore",
  async run(_words, session, line) {
    if (line === "") throw wrongUse(this, "a file is needed");
    session.board.checkFiles();
    const bytes = await session.board.exclusive(() => session.board.snapshot());
    await writeBytes(line, bytes);
    return `${line}: ${showSize(bytes.length)}`;
  },
};
