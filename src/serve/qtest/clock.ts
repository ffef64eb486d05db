// Commands that move the model clock, and those that have a client told of interrupts.

import { smallNumber } from "./c-number.ts";
import type { Commands } from "./command.ts";

export const CLOCK: Commands = {
  clock_step: {
    usage: "[NS]",
    async run([ns], { board }) {
      const { clock } = board.machine;
      const untilNext = clock.nextDue === Number.POSITIVE_INFINITY ? 0 : Math.max(0, clock.nextDue - clock.now);
      return String(await board.advance(ns === undefined ? untilNext : smallNumber("NS", ns)));
    },
  },
  clock_set: {
    usage: "NS",
    async run([ns = ""], { board }) {
      // As in QEMU, a time that has passed moves nothing.
      return String(await board.advance(Math.max(0, smallNumber("NS", ns) - board.machine.clock.now)));
    },
  },
};

const interceptor = {
  usage: "PATH [NAME]",
  run(_words: readonly string[], client: { hearsLines: boolean }) {
    client.hearsLines = true;
    return undefined;
  },
};

export const INTERRUPTS: Commands = {
  irq_intercept_in: interceptor,
  irq_intercept_out: interceptor,
  msi_intercept: {
    usage: "",
    run(_words, client) {
      client.hearsMsis = true;
      return undefined;
    },
  },
};
