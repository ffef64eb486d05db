// monitor clock: model time, and moving it.

import { readDuration, readNumber, time } from "../../../written/index.ts";
import type { Session } from "../session.ts";
import { type Command, wrongUse } from "./command.ts";

export const clock: Command = {
  name: "clock",
  usage: "[now | advance TIME | next | run | stop]",
  about: "model time; advance 10us, next: to the next timer, run: it goes on while you are stopped, until stop",
  async run([word = "now", amount, ...more], session) {
    if (more.length > 0 || (amount !== undefined && word !== "advance")) throw wrongUse(this, "that is too much");
    const { board } = session;
    if (word === "advance") await board.advance(durationOf(amount));
    else if (word === "next") await next(session);
    else if (word === "run") run(session);
    else if (word === "stop") await stop(session);
    else if (word !== "now") throw wrongUse(this, `'${word}' is nothing that the clock does`);
    return said(session);
  },
};

function durationOf(text: string | undefined): number {
  const ns = text === undefined ? undefined : (readDuration(text) ?? readNumber(text));
  if (ns === undefined) throw wrongUse(clock, `'${text ?? ""}' is no time; 10us or a number of ns is allowed`);
  return ns;
}

async function next({ board }: Session): Promise<void> {
  const { now, nextDue } = board.machine.clock;
  if (nextDue === Number.POSITIVE_INFINITY) throw new RangeError("no timer waits");
  await board.advance(Math.max(0, nextDue - now));
}

function run(session: Session): void {
  if (session.keepsGoing) return;
  session.keepsGoing = {
    ended: () => session.console.say("the traces have ended"),
    failed(why) {
      session.console.say(`error: ${why}`);
      session.keepsGoing = undefined;
    },
  };
  session.going.start(session.keepsGoing);
}

async function stop(session: Session): Promise<void> {
  const goer = session.keepsGoing;
  session.keepsGoing = undefined;
  if (goer) await session.going.stop(goer);
}

function said({ board, going, keepsGoing }: Session): string {
  const { now, nextDue } = board.machine.clock;
  const due =
    nextDue === Number.POSITIVE_INFINITY ? "no timer waits" : `the next timer is due in ${time(nextDue - now)}`;
  const goes = () => {
    if (board.live) return "it goes by itself";
    if (keepsGoing) return "it goes on until monitor clock stop";
    return going.isGoing ? "another client lets it go on" : "it stands still";
  };
  return `model time ${now} ns (${time(now)}); ${due}; ${goes()}`;
}
