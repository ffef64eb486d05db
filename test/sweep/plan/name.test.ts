// Names of units: the same for the same work wherever its traces lie, another one for anything else.

import { createHash } from "node:crypto";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { nameOf, type Work } from "../../../src/sweep/index.ts";

const word = fc.stringMatching(/^[a-z][a-z0-9 ]{0,6}$/);
const file = fc.record({
  kind: fc.constant("file" as const),
  folder: fc.constantFrom("/", "/a/", "/a/b@c/", "https://example.org/x/"),
  base: fc.stringMatching(/^[a-z@]{1,5}\.arrow$/),
  options: fc.constantFrom("", "@loop=2", "@start=1ms,loop=3", "@from=5"),
  sha256: fc.stringMatching(/^[0-9a-f]{64}$/),
  bytes: fc.nat(),
});
const synth = fc.record({ kind: fc.constant("synth" as const), n: fc.integer({ min: 1, max: 99 }) });
type Drawn =
  typeof file extends fc.Arbitrary<infer F> ? (typeof synth extends fc.Arbitrary<infer S> ? F | S : never) : never;

const traceOf = (one: Drawn): Work["traces"][number] =>
  one.kind === "synth"
    ? { argument: `synth:zipf,n=${one.n}` }
    : {
        argument: `${(one.folder + one.base).replaceAll("@", "@@")}${one.options}`,
        sha256: one.sha256,
        bytes: one.bytes,
      };

const json = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 2 },
    fc.integer(),
    word,
    fc.boolean(),
    fc.array(tie("value"), { maxLength: 3 }),
    fc.dictionary(word, tie("value"), { maxKeys: 3 }),
  ),
})).value;

const drawn = fc.record({
  traces: fc.array(fc.oneof(file, synth), { minLength: 1, maxLength: 3 }),
  platform: fc.dictionary(word, json, { maxKeys: 4 }),
  replaying: fc.record(
    { group: fc.array(word, { maxLength: 2 }), warmup: word, until: fc.nat() },
    { requiredKeys: ["group"] },
  ),
  schemata: fc.dictionary(word, fc.array(word, { maxLength: 2 }), { maxKeys: 2 }),
  layout: fc.option(fc.nat(), { nil: undefined }),
});

const workOf = ({ traces, layout, ...rest }: typeof drawn extends fc.Arbitrary<infer D> ? D : never): Work => ({
  traces: traces.map(traceOf),
  ...rest,
  ...(layout === undefined ? {} : { layout }),
});

/** The same, with the keys of every object in another order. */
function reordered(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reordered);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, one]) => [key, reordered(one)]),
  );
}

/** Places of everything that is no object in it. */
function leavesOf(value: unknown, path: string[] = []): string[][] {
  if (typeof value !== "object" || value === null) return [path];
  return Object.entries(value).flatMap(([key, one]) => leavesOf(one, [...path, key]));
}

function changed(value: unknown, [step, ...rest]: readonly string[]): unknown {
  if (step === undefined) {
    if (typeof value === "number") return value + 1;
    return typeof value === "boolean" ? !value : `${value}x`;
  }
  const copy: Record<string, unknown> | unknown[] = Array.isArray(value) ? [...value] : { ...(value as object) };
  (copy as Record<string, unknown>)[step] = changed((value as Record<string, unknown>)[step], rest);
  return copy;
}

describe("the name of a unit", () => {
  test("is a SHA-256 of JSON that anybody can make", () => {
    const work: Work = {
      traces: [{ argument: "/x/y.arrow@loop=2", sha256: "ab", bytes: 3 }, { argument: "synth:zipf,n=1" }],
      platform: { name: "p", cpus: 1 },
      replaying: { group: ["web=trace:1"] },
      schemata: { web: ["L3:0=f"], "/": [] },
    };
    const sha = (text: string) => createHash("sha256").update(text).digest("hex");
    const platform = sha('{"cpus":1,"name":"p"}');
    expect(nameOf(work, "mpam 1")).toBe(
      sha(
        `{"tool":"mpam 1","work":{"platform":"${platform}","replaying":{"group":["web=trace:1"]},"schemata":{"/":[],"web":["L3:0=f"]},` +
          '"traces":[{"argument":"trace@loop=2","bytes":3,"sha256":"ab"},{"argument":"synth:zipf,n=1"}]}}',
      ),
    );
  });

  test("knows whether a trace is called as brotli's are, which decides how it is read", () => {
    const work: Work = { traces: [], platform: {}, replaying: { group: [] }, schemata: {} };
    const named = (argument: string) => nameOf({ ...work, traces: [{ argument, sha256: "ab" }] }, "t");
    expect(named("/x/a.br")).not.toBe(named("/x/a"));
    expect(named("/x/a.br@loop=2")).not.toBe(named("/x/a@loop=2"));
    expect(named("https://h/a.br?key=1")).toBe(named("b.br"));
    expect(named("https://h/a?x.br")).toBe(named("b"));
  });

  test("does not know the order of keys", () => {
    fc.assert(
      fc.property(drawn, word, (one, tool) => {
        const work = workOf(one);
        expect(nameOf(reordered(work) as Work, tool)).toBe(nameOf(work, tool));
        expect(nameOf(JSON.parse(JSON.stringify(work)), tool)).toBe(nameOf(work, tool));
      }),
    );
  });

  test("does not know where traces lie", () => {
    fc.assert(
      fc.property(drawn, fc.array(file, { minLength: 3, maxLength: 3 }), word, (one, places, tool) => {
        const moved = one.traces.map((trace, i) => {
          const { folder, base } = places[i] as (typeof places)[number];
          return trace.kind === "synth" ? trace : { ...trace, folder, base };
        });
        expect(nameOf(workOf({ ...one, traces: moved }), tool)).toBe(nameOf(workOf(one), tool));
      }),
    );
  });

  test("changes with everything else", () => {
    let seen = 0;
    fc.assert(
      fc.property(drawn, fc.nat(), word, (one, which, tool) => {
        const work = workOf(one);
        const name = nameOf(work, tool);
        expect(nameOf(work, `${tool}x`)).not.toBe(name);
        // A name of a file is all that may change.
        const places = leavesOf(work).filter((path) => path.at(-1) !== "argument");
        const path = places[which % places.length];
        if (!path) return;
        seen++;
        expect(nameOf(changed(work, path) as Work, tool)).not.toBe(name);
        expect(nameOf({ ...work, layout: (work.layout ?? 0) + 1 }, tool)).not.toBe(name);
        expect(nameOf({ ...work, part: { index: 0, of: 2 } }, tool)).not.toBe(name);
      }),
    );
    expect(seen).toBeGreaterThan(50);
  });

  test("changes with what is replayed of a trace, and with the order of traces", () => {
    fc.assert(
      fc.property(drawn, fc.constantFrom("", "@loop=2", "@start=1ms,loop=3", "@from=5"), (one, options) => {
        const [first] = one.traces;
        if (first?.kind !== "file" || first.options === options) return;
        const traces = [{ ...first, options }, ...one.traces.slice(1)];
        expect(nameOf(workOf({ ...one, traces }), "x")).not.toBe(nameOf(workOf(one), "x"));
      }),
    );
    const two = (...ns: number[]) =>
      workOf({
        traces: ns.map((n) => ({ kind: "synth" as const, n })),
        platform: {},
        replaying: { group: [] },
        schemata: {},
        layout: undefined,
      });
    expect(nameOf(two(1, 2), "x")).not.toBe(nameOf(two(2, 1), "x"));
  });

  test("of a platform that has been changed is another one", () => {
    const platform = { cpus: 1 };
    const work = { traces: [], platform, replaying: { group: [] }, schemata: {} };
    const before = nameOf(work, "x");
    platform.cpus = 2;
    expect(nameOf(work, "x")).not.toBe(before);
  });
});
