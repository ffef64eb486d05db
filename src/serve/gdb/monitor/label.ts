// monitor label: how the label of a cpu's requests comes about, step by step.

import { type ExceptionLevel, labelPath, type RequestKind, SPACE_WORDS } from "../../../machine/index.ts";
import { readNumber } from "../../../written/index.ts";
import { type Command, wrongUse } from "./command.ts";

const KINDS: readonly RequestKind[] = ["data", "fetch", "streaming", "nv2"];

export const label: Command = {
  name: "label",
  usage: "[CPU [EL [data | fetch | streaming | nv2]]]",
  about: "the label of a cpu's requests at an exception level (0), and how it comes about",
  run([cpuWord, elWord = "0", kindWord = "data"], session) {
    const number = cpuWord === undefined ? session.via.cpu : readNumber(cpuWord);
    if (number === undefined) throw wrongUse(this, `'${cpuWord}' is no number of a cpu`);
    const el = Number(/^(?:el)?([0-3])$/i.exec(elWord)?.[1] ?? Number.NaN) as ExceptionLevel;
    if (Number.isNaN(el)) throw wrongUse(this, `there is no exception level '${elWord}'`);
    const kind = KINDS.find((one) => one === kindWord);
    if (!kind) throw wrongUse(this, `there are no requests of kind '${kindWord}'`);
    return session.board.exclusive(() => {
      const path = labelPath(session.board.machine.cpu(number).registers, el, kind);
      const { space, partid, pmg, flawed } = path.label;
      const error = flawed ? " (an error on the way)" : "";
      return [
        `cpu ${number}, EL${el}, ${kind}: PARTID ${partid}, PMG ${pmg}, ${SPACE_WORDS[space]} space${error}`,
        ...path.steps.map(({ step, text }) => `  ${step.padEnd(9)} ${text}`),
        "",
      ].join("\n");
    });
  },
};
