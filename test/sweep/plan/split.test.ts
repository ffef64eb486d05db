// What may be split into parts, and what every refusal says.

import { describe, expect, test } from "vitest";
import { loadPlatform, type Platform } from "../../../src/platform/index.ts";
import { type Split, splitOf, type Work } from "../../../src/sweep/index.ts";
import { BUNDLED, root } from "./plans.ts";

const platformOf = (name: string) => loadPlatform(`${root}platforms/${name}.yaml`);
const open = (more: Partial<Work["replaying"]> = {}) => ({ replaying: { group: [], ...more } });
const most = (platform: Platform) =>
  Array.from({ length: 64 }, (_, i) => i + 1).filter((parts) => "parts" in splitOf(open(), platform, parts)).length;

/** Read off the files. */
const SLICES: Readonly<Record<string, number>> = { "two-sockets": 4, "private-l2": 1, "one-socket": 1 };

test.each(Object.entries(SLICES))("%s has %i slices in its last caches, and as many parts", async (name, slices) => {
  expect(most(await platformOf(name))).toBe(slices);
});

test.each(BUNDLED)("%s is run whole where one part is asked for", async (name) => {
  expect(splitOf(open({ timing: "closed", script: ["rmdir x"] }), await platformOf(name), 1)).toEqual({ parts: 1 });
});

const without = (platform: Platform, caches: Platform["caches"]): Platform => ({ ...platform, caches });

describe("of a machine with", () => {
  test("no caches, channels are what is shared out", async () => {
    const platform = await platformOf("two-sockets");
    expect(most(without(platform, []))).toBe(2);
    expect(splitOf(open(), without(platform, []), 3)).toEqual({
      refused: "a part needs a channel of its own, and its memory nodes have 2 channels",
      never: true,
    });
  });

  test("slices in front of the last level only, there is one part", async () => {
    const platform = await platformOf("two-sockets");
    const caches = platform.caches.map((one) => ({ ...one, slices: one.level === 3 ? 1 : 4 }));
    expect(most(without(platform, caches))).toBe(1);
  });

  test("last caches of different kinds, the one with most slices decides", async () => {
    const platform = await platformOf("two-sockets");
    const [first] = platform.caches.filter(({ level }) => level === 3);
    expect(
      most(
        without(
          platform,
          platform.caches.filter((one) => one !== first),
        ),
      ),
    ).toBe(4);
  });
});

describe("is refused, with the reason:", () => {
  const refusedOn = async (more: Partial<Work["replaying"]>, platform?: Platform): Promise<Split> =>
    splitOf(open(more), platform ?? (await platformOf("two-sockets")), 2);

  test("closed timing", async () => {
    expect(await refusedOn({ timing: "closed" })).toEqual({
      refused: expect.stringMatching(
        /^in closed timing requests wait for each other, at ports and in windows of bandwidth/,
      ),
      never: true,
    });
  });

  test("an inclusive cache", async () => {
    const platform = await platformOf("two-sockets");
    const caches = platform.caches.map((one) => ({ ...one, inclusive: one.level === 3 && one.id === 1 }));
    expect(await refusedOn({}, without(platform, caches))).toEqual({
      refused: "L3 1 is inclusive, so each of its slices takes lines from the caches above",
      never: true,
    });
  });

  test("a last cache of level 4, where resctrl counts above it", async () => {
    const platform = await platformOf("two-sockets");
    const caches = platform.caches.map((one) => ({ ...one, level: one.level + 1 }));
    expect(await refusedOn({}, without(platform, caches))).toMatchObject({
      refused: /level 4.*L3/ as unknown,
      never: true,
    });
  });

  test.each([
    ["@1ms read mon_data/mon_L3_00/llc_occupancy", /looks at counters/],
    ["@1ms read polite/mon_data/mon_L3_00/mbm_total_bytes", /looks at counters/],
    ['expect "polite/mon_data/mon_L3_00/llc_occupancy" 0', /looks at counters/],
    ["@50% rmdir polite", /RMIDs/],
    ["@1ms expect EBUSY rmdir polite", /RMIDs/],
    ["@1ms capture local", /captures counters/],
    ["@1ms fault nrdy-stuck msc=0 type=csu", /breaks something/],
    ["@1ms unfault one", /breaks something/],
  ])("%s", async (line, why) => {
    const split = await refusedOn({ script: ["@0 mkdir web", line] });
    expect(split).toEqual({ refused: expect.stringMatching(why) });
    expect((split as { refused: string }).refused).toContain(`the script line '${line}' `);
  });

  test.each([
    "@1ms write polite/schemata L3:0=f",
    "@1ms mkdir web",
    "@1ms write web/tasks 7",
    "@1ms read polite/schemata",
    "@1ms expect mode shareable",
    "@1ms cpu 3 offline",
    "# a comment",
  ])("but not %s", async (line) => {
    expect(await refusedOn({ script: [line] })).toEqual({ parts: 2 });
  });
});
