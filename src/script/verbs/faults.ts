// fault, unfault: a machine is broken on purpose, and mended.

import { ErrnoError } from "../../errno/index.ts";
import { checkFault, type Fault } from "../../machine/index.ts";
import { readDuration, readNumber } from "../../written/index.ts";
import { DONE } from "../line.ts";
import type { Verb } from "./verb.ts";

/** Keys whose values are words. All others are numbers, or times in ns. */
const WORDS: ReadonlySet<string> = new Set(["type", "register", "how", "what", "reads"]);

export const fault: Verb = {
  usage: "fault KIND KEY=VALUE..., or fault NAME: KIND KEY=VALUE...",
  read(words, refuse) {
    const name = words.peek().endsWith(":") ? words.word(this.usage).slice(0, -1) : undefined;
    const asked: Record<string, unknown> = { kind: words.word(this.usage) };
    while (!words.done) {
      const [column, word] = [words.column, words.word(this.usage)];
      const [, key, value] = /^([A-Za-z]+)=(.+)$/.exec(word) ?? [];
      if (key === undefined || value === undefined)
        throw refuse(column, `'${word}' has no value`, "KEY=VALUE is allowed");
      if (Object.hasOwn(asked, key)) throw refuse(column, `${key} stands there twice`, this.usage);
      asked[key] = WORDS.has(key) ? value : (readNumber(value) ?? readDuration(value) ?? value);
    }
    return {
      changes: true,
      check: (machine) => void checkFault(asked, { mscs: machine.mscs, mailboxes: machine.platform.mailboxes }),
      async run({ machine, faults }) {
        const handle = machine.faults.add(asked as unknown as Fault);
        if (name !== undefined) faults.set(name, handle);
        return DONE;
      },
    };
  },
};

export const unfault: Verb = {
  usage: "unfault NAME, of a line fault NAME: ...",
  read(words) {
    const name = words.word(this.usage);
    words.end();
    return {
      changes: true,
      async run({ faults }) {
        const handle = faults.get(name);
        if (handle === undefined) {
          const there = [...faults.keys()].join(", ") || "none";
          throw new ErrnoError("ENOENT", `unfault ${name}: no fault has this name; ${there} have one`);
        }
        handle.remove();
        return DONE;
      },
    };
  },
};
