// monitor reset: power off and on.

import { type Command, wrongUse } from "./command.ts";

export const reset: Command = {
  name: "reset",
  usage: "",
  about: "power off and on: registers, time, faults and traces as at the start",
  async run(words, session) {
    if (words.length > 0) throw wrongUse(this, "that is too much");
    await session.board.reset();
    session.takeInterrupts();
    return `${session.board.machine.platform.name} at power-on`;
  },
};
