// A race counts only when everybody did the same work, and turns are taken one after the other.
import { expect, test } from "vitest";
import { understand } from "../../bench/command.ts";
import { GOALS, judge } from "../../bench/goals.ts";
import { ChecksumError, type Contestant, median, race } from "../../bench/harness.ts";

function fixed(name: string, nanoseconds: number, checksums: readonly string[], log: string[] = []): Contestant {
  let turn = 0;
  return {
    name,
    run: () => {
      log.push(name);
      return { nanoseconds, checksum: checksums[Math.min(turn++, checksums.length - 1)] ?? "" };
    },
  };
}

const options = { bench: "b", case: "c", operations: 1000, repetitions: 5 };

test("a run in which one contestant ends with another checksum is void, and names both", async () => {
  const contestants = [fixed("ours", 10, ["aa"]), fixed("C plain", 20, ["aa"]), fixed("other", 30, ["aa", "aa", "bb"])];
  const failed = race({ ...options, contestants });
  await expect(failed).rejects.toThrow(ChecksumError);
  await expect(
    race({ ...options, contestants: [fixed("ours", 1, ["aa"]), fixed("C plain", 1, ["ab"])] }),
  ).rejects.toThrow(/b\/c: turn 0: .*ours aa, C plain ab/);
});

test("contestants that do different work are each compared with their own kind, an operation with an operation", async () => {
  const long = { ...fixed("long", 400, ["aa"]), work: "long", operations: 4000 };
  const short = { ...fixed("short", 50, ["bb"]), work: "short" };
  const rows = await race({ ...options, contestants: [long, short] });
  expect(rows.map((r) => [r.rate, r.ratio])).toEqual([
    [10_000, 1],
    [20_000, 0.5],
  ]);
  const other = { ...fixed("other", 1, ["ab"]), work: "long" };
  await expect(race({ ...options, contestants: [long, short, other] })).rejects.toThrow(ChecksumError);
});

test("contestants are closed after the race, and after one that is void", async () => {
  const closed: string[] = [];
  const closing = (name: string, checksum: string): Contestant => {
    return { ...fixed(name, 1, [checksum]), close: () => void closed.push(name) };
  };
  await race({ ...options, contestants: [closing("a", "aa"), closing("b", "aa")] });
  await expect(race({ ...options, contestants: [closing("c", "aa"), closing("d", "bb")] })).rejects.toThrow();
  expect(closed).toEqual(["a", "b", "c", "d"]);
});

test("contestants take turns, and the ratio is our rate over theirs", async () => {
  const log: string[] = [];
  const rows = await race({ ...options, contestants: [fixed("ours", 10, ["aa"], log), fixed("C", 25, ["aa"], log)] });
  expect(log.slice(0, 4)).toEqual(["ours", "C", "ours", "C"]);
  expect(rows.map((r) => [r.contestant, r.rate, r.ratio, r.spread])).toEqual([
    ["ours", 100_000, 1, 0],
    ["C", 40_000, 2.5, 0],
  ]);
});

test("fewer than five repetitions are refused", async () => {
  await expect(race({ ...options, repetitions: 4, contestants: [] })).rejects.toThrow(/at least 5/);
});

test("the median of an even number of values lies between the middle two", () => {
  expect(median([4, 1, 3, 2])).toBe(2.5);
  expect(median([3, 1, 2])).toBe(2);
});

test("a goal is met at 95 hundredths of its target, and never by a contestant that was absent", () => {
  const goal = GOALS.find((g) => g.id === "B1" && g.case === "hit95");
  if (!goal) throw new Error("B1 is a goal");
  const row = {
    bench: "cache",
    case: "hit95",
    contestant: goal.against,
    rate: 1,
    unit: "M/s",
    spread: 0.1,
    checksum: "",
  };
  const verdict = (ratio: number) => judge(goal, [{ ...row, unit: "M/s", ratio }]);
  expect(verdict(5.71).met).toBe(true);
  expect(verdict(5.69).met).toBe(false);
  expect(judge(goal, [])).toEqual({ goal: "B1", case: "hit95", target: 6, value: null, spread: null, met: false });
});

test("a goal of at most so many times as long looks at our row, and is met a twentieth above its target", () => {
  const goal = GOALS.find((g) => g.id === "S1");
  if (!goal) throw new Error("S1 is a goal");
  const row = { bench: "startup", case: "small trace", rate: 1, unit: "runs/s", spread: 0.1, checksum: "" } as const;
  const verdict = (ratio: number) =>
    judge(goal, [
      { ...row, contestant: "node -e 0", ratio: 1 },
      { ...row, contestant: "mpam replay", ratio },
    ]);
  expect(verdict(2)).toMatchObject({ goal: "S1", target: 5, atMost: true, value: 2, met: true });
  expect(verdict(5.26).met).toBe(true);
  expect(verdict(5.27).met).toBe(false);
  expect(judge(goal, []).met).toBe(false);
});

test("a name nobody knows is refused with the names there are", () => {
  expect(() => understand(["cash"])).toThrow(/no benchmark is called "cash"; there is .*cache/);
  expect(() => understand(["--goals", "B9"])).toThrow(/no goal is called "B9"; there is A1, A2, A3, B1/);
  expect(() => understand(["--repetitions", "3"])).toThrow(/from 5 up/);
  expect(() => understand(["--frobnicate"])).toThrow(/frobnicate/);
  expect(() => understand(["--write"])).toThrow(/--write goes with --goals alone/);
  expect(() => understand(["--goals", "--write", "A1"])).toThrow(/--write goes with --goals alone/);
  expect(() => understand(["--count", "limits"])).toThrow(/no benchmark is called "limits"; there is accounting/);
  expect(() => understand(["--goals", "--count"])).toThrow(/--count with --goals/);
});
