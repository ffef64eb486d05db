// Things that several want and one makes: who is told to make them, who waits, what is forgotten.

import { describe, expect, test } from "vitest";
import { OwnStock, type StockOptions } from "../../src/sweep/stock.ts";

const stock = (options: Partial<StockOptions<string>> = {}) =>
  new OwnStock<string>({ madeFor: "first", bytesOf: ({ length }) => length, bytes: 10, ...options });

/** Whether it has been answered by now. */
async function isAnswered(asked: Promise<unknown>): Promise<boolean> {
  const no = Symbol("no");
  await Promise.resolve();
  return (await Promise.race([asked, new Promise((resolve) => setImmediate(resolve, no))])) !== no;
}

describe("a stock", () => {
  test("has the first that asks make a thing, and gives it to all others", async () => {
    const one = stock();
    expect(await one.take("a")).toBe("make");
    expect(await one.take("a")).toBe("being made");
    expect(await one.take("b")).toBe("make");
    one.put("a", "thing");
    expect(await one.take("a")).toEqual({ thing: "thing" });
    expect(await one.take("b")).toBe("being made");
  });

  test("has the second make it where one alone does without", async () => {
    const one = stock({ madeFor: "second" });
    expect([await one.take("a"), await one.take("a"), await one.take("a")]).toEqual(["none", "make", "being made"]);
  });

  test("lets those wait that want to, until it is there", async () => {
    const one = stock();
    await one.take("a");
    const waiting = [one.take("a", "wait"), one.take("a", "wait")];
    expect(await isAnswered(Promise.race(waiting))).toBe(false);
    one.put("a", "thing");
    expect(await Promise.all(waiting)).toEqual([{ thing: "thing" }, { thing: "thing" }]);
  });

  test("says to all that there is none, where it cannot be made", async () => {
    const one = stock();
    await one.take("a");
    const waiting = one.take("a", "wait");
    one.put("a", undefined);
    expect([await waiting, await one.take("a")]).toEqual(["none", "none"]);
  });

  test("has the next one make it where its maker has gone, and one alone of those that wait", async () => {
    const one = stock({ madeFor: "second" });
    await one.take("a", "wait", "first");
    expect(await one.take("a", "wait", "second")).toBe("make");
    const waiting = [one.take("a", "wait", "third"), one.take("a", "wait", "fourth")];
    one.giveUp("first");
    expect(await isAnswered(Promise.race(waiting))).toBe(false);
    one.giveUp("second");
    expect(await waiting[0]).toBe("make");
    expect(await isAnswered(waiting[1] as Promise<unknown>)).toBe(false);
    one.put("a", "thing");
    expect(await waiting[1]).toEqual({ thing: "thing" });
  });

  test("forgets what nobody has asked for for longest, where things take more than they may", async () => {
    const one = stock();
    for (const key of ["a", "b", "c"]) {
      await one.take(key);
      one.put(key, "four");
      if (key === "b") await one.take("a");
    }
    expect([await one.take("a"), await one.take("c"), await one.take("b")]).toEqual([
      { thing: "four" },
      { thing: "four" },
      "make",
    ]);
  });

  test("keeps the last thing, however large it is", async () => {
    const one = stock();
    await one.take("a");
    one.put("a", "much too large");
    expect(await one.take("a")).toEqual({ thing: "much too large" });
  });

  test("knows no more than some hundred keys, and all that are being made", async () => {
    const one = stock({ madeFor: "second" });
    await one.take("a");
    await one.take("a");
    for (let n = 0; n < 1000; n++) await one.take(`other ${n}`);
    expect(one.size).toBeLessThan(300);
    expect(await one.take("a")).toBe("being made");
    expect(await one.take("other 999")).toBe("make");
    expect(await one.take("other 0")).toBe("none");
  });

  test("goes on with new things where it has very many small ones", async () => {
    const one = stock({ madeFor: "second", bytes: 1e9 });
    for (let n = 0; n < 1000; n++) {
      expect([await one.take(`thing ${n}`), await one.take(`thing ${n}`)]).toEqual(["none", "make"]);
      one.put(`thing ${n}`, "small");
    }
    expect(one.size).toBeLessThan(300);
    expect(await one.take("thing 999")).toEqual({ thing: "small" });
  });
});
