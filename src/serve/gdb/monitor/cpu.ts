// monitor cpu: which cpu makes accesses, whatever thread gdb has selected.

import { readNumber } from "../../../written/index.ts";
import { whatRuns } from "../threads.ts";
import { type Command, wrongUse } from "./command.ts";

export const cpu: Command = {
  name: "cpu",
  usage: "[N | thread]",
  about: "which cpu makes your accesses: always N, or (thread) that of the thread you selected",
  run([word], session) {
    const { machine } = session.board;
    if (word === "thread") session.fixedCpu = undefined;
    else if (word !== undefined) {
      const number = readNumber(word);
      if (number === undefined) throw wrongUse(this, `'${word}' is no number of a cpu`);
      session.fixedCpu = machine.cpu(number).cpu;
    }
    const how = session.fixedCpu === undefined ? "the selected thread" : "chosen by hand";
    const { cpu: number } = session.via;
    return `accesses are made by cpu ${number} (${how}): ${whatRuns(machine, number)}`;
  },
};
