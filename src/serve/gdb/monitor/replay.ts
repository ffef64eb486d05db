// monitor replay: traces that run as the machine goes on.

import type { Board } from "../../board.ts";
import { type Command, wrongUse } from "./command.ts";

export const replay: Command = {
  name: "replay",
  usage: "TRACE... | stop | status",
  about: "traces run from now on as you continue, step or advance the clock: replay traces/web.arrow",
  async run(words, session) {
    const { board } = session;
    if (words.length === 0) throw wrongUse(this, "a trace is needed");
    if (words[0] === "status" && words.length === 1) return statusOf(board);
    if (words[0] === "stop" && words.length === 1) {
      return (await board.stopReplay()) ? "the traces are stopped" : "no traces run";
    }
    board.checkFiles();
    await board.startReplay(words, { speed: 0 });
    return `${words.join(" ")}: continue lets it run`;
  },
};

function statusOf({ replay: status }: Board): string {
  if (!status) return "no traces run";
  const how = status.byItself ? "run by themselves" : "run as the machine goes on";
  return `${status.traces.join(" ")}: ${status.over ? "all records have run" : how}`;
}
