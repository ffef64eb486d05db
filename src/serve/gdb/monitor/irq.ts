// monitor irq: interrupts and MSIs that have come, and whether they stop the machine.

import { type Command, wrongUse } from "./command.ts";

export const irq: Command = {
  name: "irq",
  usage: "[on | off]",
  about:
    "shows interrupts and MSIs that came, which then stop nothing any more; on, off: whether they stop the machine",
  run([word], session) {
    if (word !== undefined && word !== "on" && word !== "off") throw wrongUse(this, `'${word}' is neither on nor off`);
    if (word !== undefined) session.stopsAtInterrupts = word === "on";
    const stops = session.stopsAtInterrupts ? "stop the machine" : "are shown, and stop nothing";
    return [...session.tellInterrupts(), `interrupts ${stops}`].join("\n");
  },
};
