// A setup goes into an address and comes out as it was; whatever else stands there is refused in one line.

import { deflateRawSync, inflateRawSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { DEFAULT_SETUP, type Setup } from "../../src/web/setup.ts";
import { MOST_CHARACTERS, open, share } from "../../src/web/share.ts";

const text = fc.string({ unit: "grapheme", maxLength: 40 });
const groupName = text.filter((one) => !one.includes("/") && one !== "." && one !== "..");
const setups: fc.Arbitrary<Setup> = fc.record(
  {
    platform: fc.oneof(fc.record({ bundled: text }), fc.record({ name: text, text: fc.string({ maxLength: 2000 }) })),
    timing: fc.constantFrom("open", "closed"),
    speed: fc.oneof(fc.constant("max" as const), fc.double({ min: 1e-9, max: 1e9, noNaN: true })),
    seed: fc.nat(),
    groups: fc.array(
      fc.record({
        name: groupName,
        schemata: fc.array(text, { maxLength: 4 }),
        workloads: fc.array(
          text.filter((one) => !one.startsWith("own:")),
          { maxLength: 3 },
        ),
      }),
      { maxLength: 8 },
    ),
    panels: fc.array(text, { maxLength: 4 }),
  },
  { requiredKeys: ["platform", "timing", "speed", "groups", "panels"] },
);

const asBase64Url = (bytes: Uint8Array) => Buffer.from(bytes).toString("base64url");
const linkTo = (value: unknown) => `#s=1j.${asBase64Url(Buffer.from(JSON.stringify(value)))}`;

describe("a setup in an address", () => {
  test.each([true, false])("comes out as it went in (deflated: %s)", async (deflates) => {
    await fc.assert(
      fc.asyncProperty(setups, async (setup) => {
        const { fragment, left } = await share(setup, deflates);
        expect(left).toEqual([]);
        expect(fragment).toMatch(/^#s=1[zj]\.[A-Za-z0-9_-]+$/);
        expect(await open(fragment)).toEqual({ ok: true, setup });
      }),
    );
  });

  test("is deflated JSON in base64url", async () => {
    const { fragment } = await share(DEFAULT_SETUP);
    const bytes = inflateRawSync(Buffer.from(fragment.slice("#s=1z.".length), "base64url"));
    expect(JSON.parse(bytes.toString())).toEqual(DEFAULT_SETUP);
    expect(fragment.length).toBeLessThan(300);
  });

  test("leaves own traces behind, and says which", async () => {
    const group = { name: "a", schemata: [], workloads: ["own:big file.arrow", "polite"] };
    const { fragment, left } = await share({ ...DEFAULT_SETUP, groups: [group] });
    expect(left).toEqual(["big file.arrow"]);
    expect(await open(fragment)).toMatchObject({ setup: { groups: [{ workloads: ["polite"] }] } });
  });

  test("is refused where it is longer than the longest link", async () => {
    const random = fc.sample(fc.string({ minLength: 40_000, maxLength: 40_000 }), { numRuns: 1, seed: 1 })[0] as string;
    const setup: Setup = { ...DEFAULT_SETUP, platform: { name: "own", text: random } };
    await expect(share(setup)).rejects.toThrow(`a link has room for ${MOST_CHARACTERS}`);
  });

  test("an address without one is none", async () => {
    expect(await open("")).toBeUndefined();
    expect(await open("#top")).toBeUndefined();
  });
});

describe("a link is refused in one line", () => {
  const damaged = "The link cannot be opened: it is damaged, or not all of it has come.";
  const setup = { ...DEFAULT_SETUP };

  test.each([
    ["nothing", "#s=", damaged],
    ["no base64", "#s=1z.???", damaged],
    ["cut off", "", damaged],
    ["no JSON", `#s=1j.${asBase64Url(Buffer.from("{"))}`, damaged],
    ["no UTF-8", `#s=1j.${asBase64Url(Uint8Array.of(0x22, 0xff, 0x22))}`, damaged],
    ["another version", "#s=2z.AAAA", "The link cannot be opened: it has form 2z, and this page reads 1z and 1j."],
    ["no object", linkTo(null), "The link cannot be opened: the setup in it is not what a setup has there."],
    [
      "a speed of 0",
      linkTo({ ...setup, speed: 0 }),
      "The link cannot be opened: speed in it is not what a setup has there.",
    ],
    [
      "a group with a path",
      linkTo({ ...setup, groups: [{ name: "../x", schemata: [], workloads: [] }] }),
      "The link cannot be opened: groups.0.name in it is not what a setup has there.",
    ],
    [
      "too many panels",
      linkTo({ ...setup, panels: Array(33).fill("a") }),
      "The link cannot be opened: panels in it is not what a setup has there.",
    ],
    [
      "too long",
      `#s=1z.${"A".repeat(MOST_CHARACTERS)}`,
      "The link cannot be opened: it is longer than 30000 characters.",
    ],
    [
      "a bomb",
      `#s=1z.${asBase64Url(deflateRawSync(Buffer.alloc(4 * 2 ** 20)))}`,
      "The link cannot be opened: it unpacks to more than 1048576 bytes.",
    ],
  ])("%s", async (what, link, why) => {
    const fragment = what === "cut off" ? (await share(DEFAULT_SETUP)).fragment.slice(0, -12) : link;
    expect(await open(fragment)).toEqual({ ok: false, why });
  });

  test("whatever it is", async () => {
    const bytes = fc.uint8Array({ maxLength: 200 });
    await fc.assert(
      fc.asyncProperty(bytes, fc.constantFrom("z", "j"), async (data, form) => {
        expect(await open(`#s=1${form}.${asBase64Url(data)}`)).toMatchObject({ ok: false });
      }),
    );
  });

  test("keys that a setup has not are left out", async () => {
    const found = await open(linkTo({ ...setup, more: 1, __proto__: { a: 1 } }));
    expect(found).toEqual({ ok: true, setup });
  });
});
