// cpu, capture: what happens to the machine from outside.

import { CAPT_EVNT_ALL, CAPT_EVNT_NOW, MSMON_CAPT_EVNT } from "../../../assembly/regs/index.ts";
import { type Machine, SYSTEM_REGISTERS, type SystemRegisterName } from "../../machine/index.ts";
import { nearest, readNumber } from "../../written/index.ts";
import { type Action, DONE } from "../line.ts";
import type { Refuse } from "../refuse.ts";
import type { Words } from "../words.ts";
import type { Verb } from "./verb.ts";

const EXTERNAL_EVENTS = 6;

const WORD = "NAME is a system register such as MPAMBW0_EL1, VALUE a number of 64 bits";

export const cpu: Verb = {
  usage: "cpu N online, cpu N offline or cpu N poke NAME VALUE",
  read(words, refuse) {
    const [column, name] = [words.column, words.word(this.usage)];
    const number = readNumber(name);
    if (number === undefined) throw refuse(column, `'${name}' is no number of a cpu`, this.usage);
    const [where, what] = [words.column, words.word(this.usage)];
    if (what === "poke") return readPoke(number, words, refuse);
    if (what !== "online" && what !== "offline") throw refuse(where, `a cpu is not '${what}'`, this.usage);
    words.end();
    return {
      changes: true,
      check: (machine) => void machine.cpu(number),
      async run({ machine }) {
        const one = machine.cpu(number);
        await (what === "online" ? one.online() : one.offline());
        return DONE;
      },
    };
  },
};

/** Writes a system register past exception levels and traps. */
function readPoke(number: number, words: Words, refuse: Refuse): Action {
  const [nameAt, name] = [words.column, words.word(WORD)];
  if (!isSystemRegister(name)) {
    const meant = nearest(name, Object.keys(SYSTEM_REGISTERS));
    throw refuse(nameAt, `${name} is no system register`, meant ? `did you mean ${meant}?` : WORD);
  }
  const [valueAt, text] = [words.column, words.word(WORD)];
  const value = readWord(text);
  if (value === undefined) throw refuse(valueAt, `'${text}' is no value of a register`, WORD);
  words.end();
  return {
    changes: true,
    check: (machine) => void machine.cpu(number).registers.peek(name),
    async run({ machine }) {
      machine.cpu(number).registers.poke(name, value);
      return DONE;
    },
  };
}

function isSystemRegister(name: string): name is SystemRegisterName {
  return Object.hasOwn(SYSTEM_REGISTERS, name);
}

/** Undefined for what is no number, or does not fit in 64 bits. */
function readWord(text: string): bigint | undefined {
  if (!/^(0x[0-9a-f]|\d)(_?[0-9a-f])*$/i.test(text)) return undefined;
  const digits = text.replaceAll("_", "");
  if (!/^(0x[0-9a-f]+|\d+)$/i.test(digits)) return undefined;
  const value = BigInt(digits);
  return value < 2n ** 64n ? value : undefined;
}

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
