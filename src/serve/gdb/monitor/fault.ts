// monitor fault: what is broken on purpose.

import type { FaultHandle } from "../../../machine/index.ts";
import { plural, readNumber } from "../../../written/index.ts";
import { type Command, wrongUse } from "./command.ts";

export const fault: Command = {
  name: "fault",
  usage: "[list | add KIND KEY=VALUE... | remove N]",
  about: "breaks the machine on purpose: fault add msc-gone msc=0 (docs/firmware.md)",
  async run([word = "list", number, ...more], session, line) {
    const { board } = session;
    if (word === "add") {
      await board.perform(`fault ${line.slice("add".length).trim()}`);
      return listOf(board.machine.faults.list);
    }
    if (word === "list" && number === undefined) return listOf(board.machine.faults.list);
    if (word !== "remove" || number === undefined || more.length > 0)
      throw wrongUse(this, "that is no list, add or remove");
    return board.exclusive(() => {
      const { list } = board.machine.faults;
      const handle = list[readNumber(number) ?? -1];
      if (!handle)
        throw wrongUse(this, `there is no fault ${number}; ${plural(list.length, "fault is", "faults are")} in force`);
      handle.remove();
      return listOf(board.machine.faults.list);
    });
  },
};

function listOf(list: readonly FaultHandle[]): string {
  if (list.length === 0) return "no fault is in force";
  return list
    .map(({ fault: { kind, ...keys }, fired }, n) => `${n}  ${kind}${shown(keys)}  (acted ${plural(fired, "time")})`)
    .join("\n");
}

function shown(keys: object): string {
  return Object.entries(keys)
    .map(([key, value]) => ` ${key}=${value}`)
    .join("");
}
