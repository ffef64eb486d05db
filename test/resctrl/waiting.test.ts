// Taking occupancy monitors, and waiting for one (resctrl-glue.md section 10.1).

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Arch, type MonCtx, monCtxAlloc, monCtxFree, rmidRead } from "../../src/resctrl/index.ts";
import { archOf, monitored, outcome } from "./machine.ts";

const EVENT = "llc_occupancy";

/** Long enough for everything that can go on to have gone on. */
const settled = () => new Promise((resolve) => setTimeout(resolve));

/** Notes who has a monitor, in the order in which they got it. */
function reader(arch: Arch, name: string, order: string[], signal?: AbortSignal): Promise<MonCtx | string> {
  return outcome(
    monCtxAlloc(arch, EVENT, signal).then((ctx) => {
      order.push(name);
      return ctx;
    }),
  );
}

describe("waiting", () => {
  test("who came first is served first, before anybody who comes when a monitor is given back", async () => {
    const { arch } = await archOf({ csu: 1 });
    const order: string[] = [];
    const first = (await reader(arch, "a", order)) as MonCtx;
    const waiting = ["b", "c", "d"].map((name) => reader(arch, name, order));
    await settled();
    expect(order).toEqual(["a"]);
    monCtxFree(arch, first);
    const late = reader(arch, "late", order);
    for (const ctx of [...waiting, late]) monCtxFree(arch, (await ctx) as MonCtx);
    expect(order).toEqual(["a", "b", "c", "d", "late"]);
    expect(arch.monitorsHeld).toBe(0);
  });

  test("a signal ends it with EINTR, and those behind go on waiting in their order", async () => {
    const { arch, driver } = await archOf({ csu: 1 });
    const order: string[] = [];
    const first = (await reader(arch, "a", order)) as MonCtx;
    const abort = new AbortController();
    const second = reader(arch, "b", order, abort.signal);
    const third = reader(arch, "c", order);
    abort.abort();
    expect(await second).toBe("EINTR");
    monCtxFree(arch, first);
    monCtxFree(arch, (await third) as MonCtx);
    expect(order).toEqual(["a", "c"]);
    expect([...driver.taken.csu]).toEqual([]);
  });

  test("a signal that has come already ends waiting, and nothing else", async () => {
    const { arch } = await archOf({ csu: 1 });
    const ctx = await monCtxAlloc(arch, EVENT, AbortSignal.abort());
    expect(ctx).toEqual({ event: EVENT, mon: 0 });
    expect(await outcome(monCtxAlloc(arch, EVENT, AbortSignal.abort()))).toBe("EINTR");
  });

  test("a signal that comes when it is over does nothing", async () => {
    const { arch, driver } = await archOf({ csu: 1 });
    const abort = new AbortController();
    const first = await monCtxAlloc(arch, EVENT);
    const second = monCtxAlloc(arch, EVENT, abort.signal);
    const third = monCtxAlloc(arch, EVENT);
    monCtxFree(arch, first);
    const ctx = await second;
    abort.abort();
    monCtxFree(arch, ctx);
    monCtxFree(arch, await third);
    expect([...driver.taken.csu]).toEqual([]);
  });

  test("when MPAM is disabled nobody waits any longer: EINVAL", async () => {
    const { arch, driver } = await archOf({ csu: 1 });
    const first = await monCtxAlloc(arch, EVENT);
    const waiting = [1, 2].map(() => outcome(monCtxAlloc(arch, EVENT)));
    // Whoever is told of the end may wait for those who wait.
    const nothing = () => {};
    arch.fs = {
      ...{ onlineCtrlDomain: nothing, onlineMonDomain: nothing, offlineCtrlDomain: nothing, offlineMonDomain: nothing },
      ...{ onlineCpu: nothing, offlineCpu: nothing, exit: async () => void (await Promise.all(waiting)) },
    };
    await driver.disable("test");
    expect(await Promise.all(waiting)).toEqual(["EINVAL", "EINVAL"]);
    monCtxFree(arch, first);
    expect(arch.monitorsHeld).toBe(0);
  });

  test("bandwidth needs no monitor, and what nothing counts has none", async () => {
    const { arch } = await archOf({ csu: 0 });
    expect(await monCtxAlloc(arch, "mbm_total_bytes")).toEqual({ event: "mbm_total_bytes", mon: "pre-allocated" });
    expect(await outcome(monCtxAlloc(arch, EVENT))).toBe("EINVAL");
  });

  test("a number that was not had by waiting is never read with", async () => {
    const { arch } = await archOf();
    const ctx: MonCtx = { event: EVENT, mon: "pre-allocated" };
    expect(await outcome(rmidRead(arch, monitored(arch), 1, 0, EVENT, ctx))).toBe("EINVAL");
  });

  test("any number of readers get a monitor each in their order, two never the same, and all are given back", async () => {
    const step = fc.constantFrom("come", "come", "free", "signal");
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 3 }), fc.array(step, { maxLength: 40 }), async (csu, steps) => {
        const { arch, driver } = await archOf({ csu });
        const queue: { id: number; abort: AbortController; result: Promise<MonCtx | string> }[] = [];
        const holding: MonCtx[] = [];
        const got: string[] = [];
        const expected: string[] = [];
        /** What must have been handed out by now. */
        const serve = async () => {
          while (holding.length < csu && queue.length > 0) {
            const { id, result } = queue.shift()!;
            expected.push(`${id}`);
            holding.push((await result) as MonCtx);
          }
          await settled();
          expect(got).toEqual(expected);
          expect(new Set(holding.map(({ mon }) => mon)).size).toBe(holding.length);
          expect(driver.taken.csu.size).toBe(holding.length);
        };
        let next = 0;
        for (const what of steps) {
          if (what === "come") {
            const abort = new AbortController();
            queue.push({ id: next, abort, result: reader(arch, `${next}`, got, abort.signal) });
            next++;
          } else if (what === "free") {
            const first = holding.shift();
            if (first !== undefined) monCtxFree(arch, first);
          } else {
            const last = queue.pop();
            last?.abort.abort();
            if (last !== undefined) expect(await last.result).toBe("EINTR");
          }
          await serve();
        }
        while (holding.length > 0) {
          monCtxFree(arch, holding.shift()!);
          await serve();
        }
        expect([driver.taken.csu.size, arch.monitorsHeld]).toEqual([0, 0]);
      }),
      { numRuns: 50 },
    );
  });
});
