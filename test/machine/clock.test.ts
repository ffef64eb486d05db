// The model clock by itself (design section 6).

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Clock, type Timer } from "../../src/machine/index.ts";
import { runs } from "./traces.ts";

function newClock(now?: number): Clock {
  return new Clock(() => undefined, now);
}

/** Turns of the event loop: enough for anything that does not wait for model time. */
async function settle(): Promise<void> {
  for (let i = 0; i < 20; i++) await new Promise((resolve) => setImmediate(resolve));
}

describe("timers", () => {
  test("fire in the order of their times, and of their making where times are equal", async () => {
    const drawn = fc.array(fc.nat({ max: 20 }), { minLength: 1, maxLength: 40 });
    await fc.assert(
      fc.asyncProperty(drawn, fc.array(fc.nat({ max: 9 }), { minLength: 1, maxLength: 20 }), async (dues, steps) => {
        const clock = newClock();
        const fired: { due: number; made: number; at: number }[] = [];
        dues.forEach((due, made) => {
          clock.at(due, "test", () => {
            fired.push({ due, made, at: clock.now });
          });
        });
        for (const step of steps) await clock.advance(step);
        await clock.advance(20);
        const expected = dues.map((due, made) => ({ due, made, at: due })).toSorted((a, b) => a.due - b.due);
        expect(fired).toEqual(expected);
      }),
      runs(50),
    );
  });

  test("fire when they are due and not a ns before, and time ends where it was asked to", async () => {
    const clock = newClock();
    const seen: number[] = [];
    clock.at(100, "test", () => void seen.push(clock.now));
    await clock.advance(99);
    expect([clock.now, seen]).toEqual([99, []]);
    await clock.advance(1);
    expect([clock.now, seen]).toEqual([100, [100]]);
    await clock.advance(0.5);
    expect([clock.now, seen]).toEqual([100.5, [100]]);
  });

  test("that are made for a time that has passed fire with the next move", async () => {
    const clock = newClock(50);
    const seen: number[] = [];
    expect(clock.at(10, "late", () => void seen.push(clock.now)).due).toBe(50);
    expect(clock.nextDue).toBe(50);
    await settle();
    expect(seen).toEqual([]);
    await clock.advance(0);
    expect([clock.now, seen]).toEqual([50, [50]]);
  });

  test("may make timers, which fire in the same move when they are due in it", async () => {
    const clock = newClock();
    const seen: number[] = [];
    const again = (): void => {
      seen.push(clock.now);
      clock.at(clock.now + 10, "periodic", again);
    };
    clock.at(10, "periodic", again);
    await clock.advance(35);
    expect([clock.now, seen]).toEqual([35, [10, 20, 30]]);
  });

  test("tell the hardware of every time they fire at, in order, and of where time ends", async () => {
    const moves: number[] = [];
    const clock = new Clock((ns) => void moves.push(ns));
    for (const due of [30, 10, 10]) clock.at(due, "test", () => undefined);
    await clock.advance(40);
    expect(moves).toEqual([10, 30, 40]);
  });

  test("that are cancelled do not fire, neither before nor within the move that would have fired them", async () => {
    const clock = newClock();
    const seen: string[] = [];
    const timers: Timer[] = [];
    clock.at(10, "test", () => {
      seen.push("first");
      timers[1]?.cancel();
      timers[2]?.cancel();
    });
    timers.push(clock.at(5, "test", () => void seen.push("never")));
    timers.push(clock.at(10, "test", () => void seen.push("same time")));
    timers.push(clock.at(15, "test", () => void seen.push("later")));
    clock.at(20, "test", () => void seen.push("last"));
    timers[0]?.cancel();
    timers[0]?.cancel(); // twice is once
    expect(clock.nextDue).toBe(10);
    await clock.advance(100);
    expect(seen).toEqual(["first", "last"]);
    expect(clock.nextDue).toBe(Number.POSITIVE_INFINITY);
  });

  test("are listed for snapshots by kind and time; sleeping operations are not", async () => {
    const clock = newClock();
    clock.at(20, "poll", () => undefined);
    clock.at(10, "limbo", () => undefined);
    expect([clock.waiting, clock.sleeping]).toEqual([
      [
        { kind: "limbo", due: 10 },
        { kind: "poll", due: 20 },
      ],
      false,
    ]);
    const asleep = clock.sleep(15);
    expect([clock.waiting.length, clock.sleeping]).toEqual([2, true]);
    await asleep;
    expect([clock.waiting, clock.sleeping]).toEqual([[{ kind: "poll", due: 20 }], false]);
  });

  test("and steps at times before the start of time are refused", async () => {
    const clock = newClock();
    expect(() => clock.at(-1, "test", () => undefined)).toThrow(/-1/);
    expect(() => clock.at(Number.NaN, "test", () => undefined)).toThrow(/NaN/);
    await expect(clock.advance(-5)).rejects.toThrow(/-5/);
    await expect(clock.advance(Number.NaN)).rejects.toThrow(/NaN/);
    expect(clock.now).toBe(0);
  });

  test("and steps that never end are refused, and leave time where it is", async () => {
    const clock = newClock();
    clock.at(10, "test", () => expect.unreachable("time went on"));
    expect(() => clock.at(Number.POSITIVE_INFINITY, "test", () => undefined)).toThrow(/Infinity/);
    await expect(clock.advance(Number.POSITIVE_INFINITY)).rejects.toThrow(RangeError);
    await expect(clock.sleep(Number.POSITIVE_INFINITY)).rejects.toThrow(RangeError);
    expect([clock.now, clock.waiting.length]).toEqual([0, 1]);
  });
});

describe("who moves time", () => {
  test("no timer does, however long one waits", async () => {
    const clock = newClock();
    let fired = 0;
    clock.at(1, "periodic", () => void fired++);
    await settle();
    expect([clock.now, fired]).toEqual([0, 0]);
  });

  test("an operation that sleeps does when nothing else does; timers on its way fire, and those behind it do not", async () => {
    const clock = newClock();
    const seen: string[] = [];
    clock.at(50, "poll", () => void seen.push(`poll at ${clock.now}`));
    clock.at(150, "poll", () => void seen.push("too far"));
    await clock.sleep(100);
    expect([clock.now, seen]).toEqual([100, ["poll at 50"]]);
    await settle();
    expect(clock.now).toBe(100);
  });

  test("an operation that sleeps waits for whoever drives", async () => {
    const clock = newClock();
    const seen: string[] = [];
    let release = (): void => undefined;
    const driving = clock.drive(() => new Promise<void>((resolve) => (release = resolve)));
    const asleep = clock.sleep(10).then(() => void seen.push(`woke at ${clock.now}`));
    await settle();
    expect([clock.now, seen]).toEqual([0, []]);
    release();
    await driving;
    await asleep;
    expect(seen).toEqual(["woke at 10"]);
  });

  test("advance wakes the sleepers it passes, each at its time", async () => {
    const clock = newClock();
    const woke: number[] = [];
    const all = clock.drive(async () => {
      const sleepers = [30, 10, 20].map((ns) => clock.sleep(ns).then(() => void woke.push(clock.now)));
      await clock.moveTo(25);
      expect(woke).toEqual([10, 20]);
      return sleepers;
    });
    await Promise.all(await all);
    expect([woke, clock.now]).toEqual([[10, 20, 30], 30]);
  });
});

describe("timers of the machine", () => {
  test("fire before those of software at the same time, by rank and not by when they were made", async () => {
    const clock = newClock();
    const seen: string[] = [];
    const at = (due: number, name: string, rank?: number) => clock.at(due, name, () => void seen.push(name), rank);
    at(20, "software");
    const asleep = clock.sleep(20).then(() => void seen.push("asleep"));
    at(20, "third", 7);
    at(20, "first", 0);
    at(20, "second", 3);
    at(10, "early", 9);
    at(20, "more software");
    await asleep;
    expect(seen).toEqual(["early", "first", "second", "third", "software", "more software", "asleep"]);
  });

  test("are not among those that a snapshot keeps: the machine makes them again", () => {
    const clock = newClock();
    clock.at(10, "mailbox", () => undefined, 0);
    clock.at(20, "poll", () => undefined);
    expect(clock.waiting).toEqual([{ kind: "poll", due: 20 }]);
  });
});

describe("a sleep that is cancelled", () => {
  test("ends with the signal's reason, wakes nobody later, and time stays where it was", async () => {
    const clock = newClock();
    const controller = new AbortController();
    const asleep = clock.sleep(1000, controller.signal);
    const reason = new Error("it came");
    controller.abort(reason);
    await expect(asleep).rejects.toBe(reason);
    await settle();
    expect([clock.now, clock.sleeping, clock.nextDue]).toEqual([0, false, Number.POSITIVE_INFINITY]);
  });

  test("by what a timer on the way brings leaves time at that timer", async () => {
    const clock = newClock();
    const controller = new AbortController();
    const seen: number[] = [];
    clock.at(30, "answer", () => controller.abort("answered"));
    for (const due of [10, 20, 40]) clock.at(due, "poll", () => void seen.push(due));
    await expect(clock.sleep(100_000, controller.signal)).rejects.toBe("answered");
    await settle();
    expect([clock.now, seen]).toEqual([30, [10, 20]]);
  });

  test("leaves the others asleep: time goes on to them", async () => {
    const clock = newClock();
    const controller = new AbortController();
    clock.at(30, "answer", () => controller.abort("answered"));
    const [long, short] = [clock.sleep(100, controller.signal), clock.sleep(50)];
    await expect(long).rejects.toBe("answered");
    expect(clock.now).toBe(30);
    await short;
    await settle();
    expect(clock.now).toBe(50);
  });

  test("that sleeps again at once is waited for, from there", async () => {
    const clock = newClock();
    const controller = new AbortController();
    clock.at(30, "answer", () => controller.abort("answered"));
    const woke: number[] = [];
    await clock.sleep(100, controller.signal).catch(async () => {
      woke.push(clock.now);
      await clock.sleep(5);
      woke.push(clock.now);
    });
    expect(woke).toEqual([30, 35]);
  });

  test("before it begins never sleeps, and after it has ended changes nothing", async () => {
    const clock = newClock();
    await expect(clock.sleep(10, AbortSignal.abort("at once"))).rejects.toBe("at once");
    expect(clock.sleeping).toBe(false);
    const controller = new AbortController();
    await clock.sleep(10, controller.signal);
    controller.abort("late");
    await settle();
    expect(clock.now).toBe(10);
  });

  test("while somebody drives ends at once, and the driver goes on to where it was asked to", async () => {
    const clock = newClock();
    const controller = new AbortController();
    const woke: unknown[] = [];
    void clock.sleep(50, controller.signal).catch((reason: unknown) => woke.push(reason, clock.now));
    clock.at(20, "answer", () => controller.abort("answered"));
    await clock.advance(70);
    expect([woke, clock.now]).toEqual([["answered", 20], 70]);
  });

  test("stops time for whoever begins to drive in the meantime", async () => {
    const clock = newClock();
    const seen: string[] = [];
    let release = (): void => undefined;
    clock.at(10, "drive", () => {
      void clock.drive(() => new Promise<void>((resolve) => (release = resolve)));
    });
    clock.at(20, "poll", () => void seen.push(`poll at ${clock.now}`));
    const asleep = clock.sleep(30).then(() => void seen.push(`woke at ${clock.now}`));
    await settle();
    expect([clock.now, seen]).toEqual([10, []]);
    release();
    await asleep;
    expect(seen).toEqual(["poll at 20", "woke at 30"]);
  });
});

describe("asynchronous operations", () => {
  /** Operations that sleep, then take some promises to notice, over and over: who did what when. */
  async function interleaving(
    naps: readonly (readonly number[])[],
    awaits: (op: number, step: number) => number,
    move: (clock: Clock, total: number) => Promise<void>,
  ): Promise<string[]> {
    const clock = newClock();
    const log: string[] = [];
    const operation = async (own: readonly number[], op: number): Promise<void> => {
      for (const [step, ns] of own.entries()) {
        await clock.sleep(ns);
        for (let i = awaits(op, step); i > 0; i--) await Promise.resolve();
        log.push(`${op}.${step} at ${clock.now}`);
      }
    };
    const total = 1 + Math.max(...naps.map((own) => own.reduce((sum, ns) => sum + ns, 0)));
    let all: Promise<unknown> = Promise.resolve();
    await clock.drive(async () => {
      all = Promise.all(naps.map(operation));
      await move(clock, total);
    });
    await all;
    return log;
  }

  /** Nothing wakes at the same time: op n sleeps in numbers that are n modulo 4 in all. */
  const naps = fc.array(fc.array(fc.nat({ max: 30 }), { minLength: 1, maxLength: 6 }), { minLength: 1, maxLength: 4 });
  const apart = (drawn: readonly (readonly number[])[]): number[][] =>
    drawn.map((own, op) => own.map((ns, step) => (ns + 1) * 4 + (step === 0 ? op : 0)));

  test("meet in the same order however many promises each step takes, and however time is cut", async () => {
    await fc.assert(
      fc.asyncProperty(
        naps,
        fc.array(fc.nat({ max: 60 }), { minLength: 1 }),
        fc.integer({ min: 1, max: 50 }),
        async (drawn, counts, cut) => {
          const own = apart(drawn);
          const plain = await interleaving(
            own,
            () => 0,
            (clock, total) => clock.moveTo(total),
          );
          const expected = own
            .flatMap((steps, op) =>
              steps.map((_, step) => ({ op, step, at: steps.slice(0, step + 1).reduce((sum, ns) => sum + ns, 0) })),
            )
            .toSorted((a, b) => a.at - b.at)
            .map(({ op, step, at }) => `${op}.${step} at ${at}`);
          expect(plain).toEqual(expected);
          const other = await interleaving(
            own,
            (op, step) => counts[(op * 7 + step) % counts.length] ?? 0,
            async (clock, total) => {
              for (let at = 0; at <= total; at += cut) await clock.moveTo(at);
              await clock.moveTo(total);
            },
          );
          expect(other).toEqual(expected);
        },
      ),
      runs(30),
    );
  });

  test("started by a timer have run up to their next sleep before time goes on", async () => {
    const clock = newClock();
    const log: string[] = [];
    clock.at(10, "start", async () => {
      for (let i = 0; i < 100; i++) await Promise.resolve();
      log.push(`settled at ${clock.now}`);
      await clock.sleep(5);
      log.push(`woke at ${clock.now}`);
    });
    clock.at(11, "next", () => void log.push(`next at ${clock.now}`));
    await clock.advance(20);
    expect(log).toEqual(["settled at 10", "next at 11", "woke at 15"]);
  });

  test("that wake at one time go on in the order in which they fell asleep", async () => {
    const clock = newClock();
    const log: string[] = [];
    await clock.drive(async () => {
      for (const name of ["a", "b", "c"]) void clock.sleep(10).then(() => log.push(name));
      await clock.moveTo(10);
    });
    expect(log).toEqual(["a", "b", "c"]);
  });
});

describe("a timer that fails", () => {
  test.each([
    [
      "at once",
      () => {
        throw new Error("broken");
      },
    ],
    ["after a promise", () => Promise.resolve().then(() => Promise.reject(new Error("broken")))],
  ])("%s ends the advance that fired it with its error", async (_, fire) => {
    const clock = newClock();
    clock.at(10, "test", fire);
    await expect(clock.advance(20)).rejects.toThrow("broken");
    await clock.advance(1); // once is enough
  });

  test("keeps no other from firing, and the first error is the one that is told", async () => {
    const clock = newClock();
    const seen: number[] = [];
    const fail = (message: string) => () => Promise.reject(new Error(message));
    clock.at(10, "test", fail("first"));
    clock.at(10, "test", fail("second"));
    clock.at(10, "test", () => void seen.push(10));
    clock.at(15, "test", () => void seen.push(15));
    await expect(clock.advance(20)).rejects.toThrow("first");
    expect([seen, clock.now]).toEqual([[10, 15], 20]);
  });

  test("while an operation sleeps is told by the next advance, and wakes the operation all the same", async () => {
    const clock = newClock();
    clock.at(10, "test", () => {
      throw new Error("broken");
    });
    await clock.sleep(20);
    await settle();
    await expect(clock.advance(0)).rejects.toThrow("broken");
  });
});
