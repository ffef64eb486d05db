// monitor log: register accesses, decoded, as they are made.

import { parseAccessFilter } from "../../../machine/index.ts";
import { readNumber } from "../../../written/index.ts";
import { MOST_LOGGED } from "../session.ts";
import { type Command, wrongUse } from "./command.ts";

const LAST = 10;

export const log: Command = {
  name: "log",
  usage: "[on [FILTER] | off | last [N]]",
  about: "register accesses of everybody, with fields by name: log on MPAMCFG_*,write,by:driver (docs/registers.md)",
  run([word, ...rest], session) {
    if (word === undefined) {
      const { logFilter } = session;
      return logFilter === undefined ? "nothing is logged" : `logged: ${logFilter}`;
    }
    if (word === "off" && rest.length === 0) {
      session.logOff();
      return "nothing is logged";
    }
    if (word === "last" && rest.length <= 1) {
      const count = readNumber(rest[0] ?? LAST);
      if (count === undefined) throw wrongUse(this, `'${rest[0]}' is no number of lines`);
      const lines = session.lastLogged(Math.min(count, MOST_LOGGED));
      return lines.length === 0 ? "no access has been logged" : lines.join("\n");
    }
    if (word !== "on") throw wrongUse(this, `'${word}' is none of on, off and last`);
    const filter = rest.length === 0 ? "*" : rest.join(" ");
    session.logOn(filter, parseAccessFilter(filter));
    return `logged: ${filter}`;
  },
};
