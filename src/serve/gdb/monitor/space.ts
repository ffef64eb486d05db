// monitor space: in which PARTID space accesses are made.

import type { Command } from "./command.ts";
import { spaceNamed } from "./space-named.ts";

export const space: Command = {
  name: "space",
  usage: "[ns | s | rt | rl]",
  about: "in which space your accesses are made, from now on: Non-secure, Secure, Root, Realm",
  run([word], session) {
    if (word !== undefined) session.space = spaceNamed(word);
    return `accesses are made in space ${session.space}`;
  },
};
