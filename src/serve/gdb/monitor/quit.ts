// monitor quit: the end of the server.

import { type Command, wrongUse } from "./command.ts";

export const quit: Command = {
  name: "quit",
  usage: "",
  about: "ends the server, for all clients, as SIGTERM does",
  run(words, { board }) {
    if (words.length > 0) throw wrongUse(this, "that is too much");
    board.quit();
    return "the server ends";
  },
};
