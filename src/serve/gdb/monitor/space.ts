// monitor space: in which PARTID space accesses are made.

import type { Space } from "../../../platform/index.ts";
import { type Command, wrongUse } from "./command.ts";

const SPACES: readonly Space[] = ["ns", "s", "rt", "rl"];

export const space: Command = {
  name: "space",
  usage: "[ns | s | rt | rl]",
  about: "in which space your accesses are made, from now on: Non-secure, Secure, Root, Realm",
  run([word], session) {
    const chosen = word === undefined ? session.space : SPACES.find((one) => one === word);
    if (!chosen) throw wrongUse(this, `there is no space '${word}'`);
    session.space = chosen;
    return `accesses are made in space ${chosen}`;
  },
};
