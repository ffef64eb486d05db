// The order of locks, and waiting for one no longer.

import { describe, expect, test } from "vitest";
import { Lock, NOTHING_HELD } from "../../src/bus/index.ts";

describe("locks", () => {
  test("a lock is given out in the order it was asked for, one bearer at a time", async () => {
    const lock = new Lock("cfg", "MSC 0");
    const seen: string[] = [];
    await Promise.all(
      [0, 1, 2, 3].map((n) =>
        lock.run(NOTHING_HELD, async () => {
          seen.push(`in ${n}`);
          // The earlier, the longer: without the lock the last would leave first.
          for (let turns = 0; turns < 20 - 5 * n; turns++) await undefined;
          seen.push(`out ${n}`);
        }),
      ),
    );
    expect(seen).toEqual([0, 1, 2, 3].flatMap((n) => [`in ${n}`, `out ${n}`]));
  });

  test("a body that throws lets the lock go", async () => {
    const lock = new Lock("cfg", "MSC 0");
    await expect(lock.run(NOTHING_HELD, () => Promise.reject(new Error("no")))).rejects.toThrow("no");
    await expect(lock.run(NOTHING_HELD, async () => 1)).resolves.toBe(1);
  });

  test("locks are taken in the order probe, cfg, part_sel, mon_sel, mailbox and in no other", async () => {
    const names = ["probe", "cfg", "part_sel", "mon_sel", "mailbox"] as const;
    for (const [at, outer] of names.entries()) {
      for (const [then, inner] of names.entries()) {
        const taken = new Lock(outer, "MSC 0").run(NOTHING_HELD, (holding) =>
          new Lock(inner, "MSC 0").run(holding, async () => "both"),
        );
        if (at < then) await expect(taken).resolves.toBe("both");
        else await expect(taken).rejects.toThrow("the order is probe, cfg, part_sel, mon_sel, mailbox");
      }
    }
  });

  test("nobody takes a lock of one MSC while holding one of another", async () => {
    const other = new Lock("part_sel", "MSC 1");
    const nested = new Lock("cfg", "MSC 0").run(NOTHING_HELD, (holding) => other.run(holding, async () => {}));
    await expect(nested).rejects.toThrow("one MSC at a time");
  });

  test("what was held earlier is no proof of holding it now", async () => {
    const lock = new Lock("cfg", "MSC 0");
    const old = await lock.run(NOTHING_HELD, async (holding) => holding);
    await expect(new Lock("part_sel", "MSC 0").run(old, async () => {})).rejects.toThrow("let go");
  });

  test("a mailbox serves several MSCs, so its lock is taken under those of any of them", async () => {
    const mailbox = new Lock("mailbox", "mailbox 0");
    const under = (owner: string) =>
      new Lock("mon_sel", owner).run(NOTHING_HELD, (holding) => mailbox.run(holding, async () => owner));
    await expect(Promise.all([under("MSC 0"), under("MSC 1")])).resolves.toEqual(["MSC 0", "MSC 1"]);
  });

  test("who waits no longer is not waited for, and whoever holds the lock goes on", async () => {
    const lock = new Lock("cfg", "MSC 0");
    const aborter = new AbortController();
    let leave = (): void => {};
    const inside = new Promise<void>((resolve) => {
      leave = resolve;
    });
    const seen: string[] = [];
    const first = lock.run(NOTHING_HELD, () => inside.then(() => void seen.push("first")));
    const second = lock.run(NOTHING_HELD, async () => void seen.push("second"), aborter.signal);
    const third = lock.run(NOTHING_HELD, async () => void seen.push("third"));
    aborter.abort(new Error("enough"));
    await expect(second).rejects.toThrow("enough");
    expect(seen).toEqual([]);
    leave();
    await Promise.all([first, third]);
    expect(seen).toEqual(["first", "third"]);
    await expect(lock.run(NOTHING_HELD, async () => {}, aborter.signal)).rejects.toThrow("enough");
    await expect(lock.run(NOTHING_HELD, async () => "free")).resolves.toBe("free");
  });
});
