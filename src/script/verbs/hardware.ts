// cpu, capture: what happens to the machine from outside.

import { CAPT_EVNT_ALL, CAPT_EVNT_NOW, MSMON_CAPT_EVNT } from "../../../assembly/regs/index.ts";
import type { Machine } from "../../machine/index.ts";
import { readNumber } from "../../written/index.ts";
import { DONE } from "../line.ts";
import type { Verb } from "./verb.ts";

const EXTERNAL_EVENTS = 6;

export const cpu: Verb = {
  usage: "cpu N online or cpu N offline",
  read(words, refuse) {
    const [column, name] = [words.column, words.word(this.usage)];
    const number = readNumber(name);
    if (number === undefined) throw refuse(column, `'${name}' is no number of a cpu`, this.usage);
    const [where, state] = [words.column, words.word(this.usage)];
    if (state !== "online" && state !== "offline") throw refuse(where, `a cpu is not '${state}'`, this.usage);
    words.end();
    return {
      changes: true,
      check: (machine) => void machine.cpu(number),
      async run({ machine }) {
        const one = machine.cpu(number);
        await (state === "online" ? one.online() : one.offline());
        return DONE;
      },
    };
  },
};

export const capture: Verb = {
  usage: `capture local, or capture N with N from 1 to ${EXTERNAL_EVENTS}`,
  read(words, refuse) {
    const [column, name] = [words.column, words.word(this.usage)];
    const event = readNumber(name);
    const external = event !== undefined && Number.isInteger(event) && event >= 1 && event <= EXTERNAL_EVENTS;
    if (name !== "local" && !external) throw refuse(column, `there is no capture event '${name}'`, this.usage);
    words.end();
    const raise = (machine: Machine, msc: number) => {
      if (external) machine.capture(msc, event);
      else machine.write32(msc, MSMON_CAPT_EVNT, (CAPT_EVNT_NOW | CAPT_EVNT_ALL) >>> 0);
    };
    return {
      changes: true,
      async run({ machine }) {
        for (const { msc } of machine.mscs) raise(machine, msc);
        return DONE;
      },
    };
  },
};
