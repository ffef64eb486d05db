// Pages and pictures: nothing that was named elsewhere becomes markup, nothing is loaded, and what is seen can be read.

import { createHash } from "node:crypto";
import { parseHTML } from "linkedom";
import { describe, expect, test } from "vitest";
import { diffHtml, filesOf, type Run } from "../../src/report/index.ts";
import { escaped } from "../../src/report/markup.ts";
import { SCRIPT, SCRIPT_HASH } from "../../src/report/page.ts";
import { DARK_THEME, LIGHT_THEME } from "../../src/report/pictures/colours.ts";
import { number, scaleFor, ticks } from "../../src/report/pictures/units.ts";
import { HOSTILE, hostileRun } from "../helpers/hostile-run.ts";
import { elementsOf } from "../helpers/well-formed.ts";

const text = (bytes: Uint8Array | undefined) => new TextDecoder().decode(bytes);
const html = async (run: Run) => text((await filesOf(run, "html"))[0]?.bytes);
const svgs = async (run: Run) =>
  (await filesOf(run, "svg")).map((file) => ({ part: file.part, svg: text(file.bytes) }));

describe("a page of hostile names", () => {
  test("has one script, which its policy names, and no element or attribute that came from a name", async () => {
    for (const page of [
      await html(hostileRun()),
      await diffHtml(
        hostileRun(),
        { ...hostileRun(), records: 9, platform: { ...hostileRun().platform, name: "b" } },
        { a: HOSTILE[0] ?? "", b: HOSTILE[1] ?? "" },
      ),
    ]) {
      const { document } = parseHTML(page);
      expect([...document.querySelectorAll("script")].map((one) => one.textContent)).toEqual([SCRIPT]);
      expect(
        document.querySelectorAll("img, iframe, object, embed, link, base, form, a, image, use, foreignObject").length,
      ).toBe(0);
      for (const element of document.querySelectorAll("*")) {
        for (const { name } of element.attributes) expect(name).not.toMatch(/^on|^href$|^src$|^xlink/);
      }
      const policy = document.querySelector('meta[http-equiv="Content-Security-Policy"]')?.getAttribute("content");
      expect(policy).toContain("default-src 'none'");
      expect(policy).toContain(`script-src '${SCRIPT_HASH}'`);
      expect(document.querySelectorAll("style").length).toBe(1);
    }
  });

  test("names the script by what it is", () => {
    expect(SCRIPT_HASH).toBe(`sha256-${createHash("sha256").update(SCRIPT).digest("base64")}`);
  });

  test("loads nothing: no address of anything is in it but that of SVG itself", async () => {
    const page = await html({ ...hostileRun(), options: [] });
    const addresses = [...page.matchAll(/\b[a-z]+:\/\/[^"'\s<]*/g)].map(([address]) => address);
    expect([...new Set(addresses)]).toEqual(["http://www.w3.org/2000/svg"]);
    expect(page).not.toMatch(/url\(|@import/);
  });

  test("shows the names as they are", async () => {
    const { document } = parseHTML(await html(hostileRun()));
    const shown = [...document.querySelectorAll(".card h2")].map((one) => one.textContent);
    expect(shown.slice(0, 3)).toEqual(HOSTILE.slice(0, 3));
    expect(document.title).toContain("5 groups");
    expect(shown[4]).toBe("\ufffd\ufffd[31m\ufffd\ufffdgnp");
  });
});

test("every picture is well-formed XML, with a text alternative and nothing that runs", async () => {
  const files = await svgs(hostileRun());
  expect(files.map(({ part }) => part)).toEqual([
    "-occupancy-l3",
    "-hits-l3",
    "-bandwidth-memory",
    "-latency-mean",
    "-latency-p95",
    "-evictions-l3",
    "-reasons-l3",
  ]);
  for (const { svg } of files) {
    const elements = elementsOf(svg);
    expect(elements[0]).toBe("svg");
    expect(elements).toEqual(expect.arrayContaining(["title", "desc", "style"]));
    expect(elements).not.toContain("script");
    expect(svg).not.toMatch(/NaN|undefined|Infinity/);
  }
});

test("every picture of a page has a title, a sentence, a role, and its numbers as a table", async () => {
  const run = hostileRun();
  const { document } = parseHTML(await html(run));
  const figures = [...document.querySelectorAll("figure")];
  expect(figures.length).toBe(7);
  const ids = [...document.querySelectorAll("[id]")].map((one) => one.id);
  expect(new Set(ids).size).toBe(ids.length);
  for (const figure of figures) {
    expect(figure.querySelector("h3")?.textContent).not.toBe("");
    expect(figure.querySelector("p")?.textContent).toMatch(/\.$/);
    for (const svg of figure.querySelectorAll("svg")) {
      expect(svg.getAttribute("role")).toBe("img");
      for (const id of svg.getAttribute("aria-labelledby")?.split(" ") ?? []) {
        expect(ids).toContain(id);
      }
    }
    const rows = figure.querySelectorAll("details tbody tr").length;
    expect(rows).toBe(figure.id.startsWith("reasons") ? HOSTILE.length : run.samples.length);
  }
});

test("groups keep their colour in all pictures, and those past the eighth share one", async () => {
  const run = hostileRun();
  const [first] = run.groups;
  const [total] = run.totals;
  if (!first || !total) throw new Error("no groups");
  const names = Array.from({ length: 11 }, (_, n) => `g${n}`);
  const scaled = (values: readonly number[], n: number) => values.map((value) => value * (12 - n));
  const many: Run = {
    ...run,
    groups: names.map((group, n) => ({
      ...first,
      group,
      levels: first.levels.map(({ lost: _, ...level }) => ({ ...level, accesses: scaled(level.accesses, n) })),
    })),
    totals: names.map((group) => ({ ...total, group })),
  };
  for (const { svg } of await svgs(many)) {
    const { document } = parseHTML(svg.replace(/^<\?.*\?>/, ""));
    const ends = [...document.querySelectorAll("text.strong")].filter((one) => /^(g\d|3 others)/.test(one.textContent));
    for (const end of ends) {
      const name = end.querySelector("title")?.textContent ?? end.textContent;
      expect(end.getAttribute("class")).toMatch(new RegExp(`f-${name === "3 others" ? "rest" : name.slice(1)}\\b`));
    }
  }
  const [occupancy] = await svgs(many);
  expect(occupancy?.svg).toContain("3 others");
});

test("a soft limit is dashed, a hard one is not, and both are named", async () => {
  const run = hostileRun();
  const [phase] = run.phases;
  const [first] = run.groups;
  if (!phase || !first) throw new Error("no phase");
  const drawn = async (hard: boolean) => {
    const limits = [{ port: run.ports[0]?.port ?? "", group: first.group, bytesPerSecond: 5e8, hard }];
    const files = await svgs({ ...run, phases: [{ ...phase, limits }] });
    const { document } = parseHTML(
      files.find(({ part }) => part === "-bandwidth-memory")?.svg.replace(/^<\?.*\?>/, "") ?? "",
    );
    return [...document.querySelectorAll("path.level")].map((one) => [one.getAttribute("class"), one.textContent]);
  };
  expect(await drawn(false)).toContainEqual(["level l-0 soft", `${first.group} soft 500 MB/s`]);
  expect(await drawn(true)).toContainEqual(["level l-0", `${first.group} hard 500 MB/s`]);
});

test("where a limit is not everywhere, the place that has it has a picture of its own", async () => {
  const run = hostileRun();
  const [phase] = run.phases;
  const [first] = run.groups;
  if (!phase || !first) throw new Error("no phase");
  const ports = ["node 0.0", "node 0.1", "node 1"];
  const limits = ["node 0.0", "node 0.1"].map((port) => ({ port, group: "web", bytesPerSecond: 1e8, hard: true }));
  const numa: Run = {
    ...run,
    ports: ports.map((port) => ({ port, bytesPerSecond: 1e9 })),
    groups: [{ ...first, group: "web", ports: ports.map((port) => ({ port, bytes: [100, 100] })) }],
    phases: [{ ...phase, limits }],
  };
  const levels = async (one: Run) =>
    new Map(
      (await svgs(one)).flatMap(({ part, svg }) => {
        const { document } = parseHTML(svg.replace(/^<\?.*\?>/, ""));
        const found = [...document.querySelectorAll("path.level")].map(({ textContent }) => textContent);
        return part.startsWith("-bandwidth") ? [[part, found] as const] : [];
      }),
    );
  expect([...(await levels(numa))]).toEqual([
    ["-bandwidth-memory", []],
    ["-bandwidth-memory-0", ["web hard 200 MB/s"]],
  ]);
  const everywhere = [...limits, { port: "node 1", group: "web", bytesPerSecond: 1e8, hard: true }];
  expect([...(await levels({ ...numa, phases: [{ ...phase, limits: everywhere }] }))]).toEqual([
    ["-bandwidth-memory", ["web hard 300 MB/s"]],
  ]);
});

test("areas lie on each other: where one ends the next begins", async () => {
  const occupancy = (await svgs(hostileRun())).find(({ part }) => part === "-occupancy-l3");
  const { document } = parseHTML(occupancy?.svg.replace(/^<\?.*\?>/, "") ?? "");
  const edges = [...document.querySelectorAll("path.seam")].map((path) => {
    const points = [...(path.getAttribute("d") ?? "").matchAll(/[\d.]+,[\d.]+/g)].map(([point]) => point);
    // From the start along the upper edge, back along the lower one, and to the start.
    const [, ...inner] = points.slice(0, -1);
    return { upper: inner.slice(0, inner.length / 2), lower: inner.slice(inner.length / 2).reverse() };
  });
  expect(edges.length).toBe(HOSTILE.length);
  for (const [index, { lower }] of edges.entries()) if (index > 0) expect(lower).toEqual(edges[index - 1]?.upper);
});

test("a group that never hits has a hit rate: a line at 0", async () => {
  const run = hostileRun();
  const groups = run.groups.map((group) => ({
    ...group,
    levels: group.levels.map((level) => ({ ...level, misses: level.accesses })),
  }));
  const hits = (await svgs({ ...run, groups })).find(({ part }) => part === "-hits-l3");
  const { document } = parseHTML(hits?.svg.replace(/^<\?.*\?>/, "") ?? "");
  expect(document.querySelectorAll("path.line").length).toBe(HOSTILE.length);
  expect(document.querySelector("desc")?.textContent).toContain("from 0 % to 0 %");
});

test("names that are long alike can be told apart where they are cut", async () => {
  const run = hostileRun();
  const groups = run.groups.map((group, n) => ({ ...group, group: `a-group-with-a-rather-long-name-${n}` }));
  const totals = run.totals.map((group, n) => ({ ...group, group: `a-group-with-a-rather-long-name-${n}` }));
  for (const { part, svg } of await svgs({ ...run, groups, totals })) {
    const { document } = parseHTML(svg.replace(/^<\?.*\?>/, ""));
    const names = [
      ...document.querySelectorAll(part.startsWith("-reasons") ? "tspan.strong" : "text.strong[x] > title"),
    ]
      .map(({ parentElement, textContent }) =>
        part.startsWith("-reasons") ? textContent : parentElement?.firstChild?.textContent,
      )
      .map((name) => name ?? "");
    expect(names.length, part).toBe(groups.length);
    expect(new Set(names).size, part).toBe(groups.length);
    for (const name of names) expect(name.length, part).toBeLessThanOrEqual(30);
  }
});

test("the names of files are of letters, digits and hyphens, whatever ports are called", async () => {
  const run = hostileRun();
  const port = "../../NODE\\x.svg";
  const groups = run.groups.map((group) => ({ ...group, ports: group.ports.map((one) => ({ ...one, port })) }));
  const files = await svgs({ ...run, ports: [{ port, bytesPerSecond: 1e9 }], groups });
  expect(files.length).toBe(7);
  for (const { part } of files) expect(part).toMatch(/^-[a-z0-9-]+$/);
});

test("a run of very many samples is drawn", async () => {
  const run = hostileRun();
  const count = 200_000;
  const column = Array.from({ length: count }, () => 1);
  const groups = run.groups.slice(0, 1).map(({ group }) => ({
    group,
    levels: [{ level: 3, bytesHeld: column, accesses: column, misses: column }],
    ports: [],
  }));
  const files = await svgs({
    ...run,
    to: count,
    countFrom: 0,
    samples: column.map((_, n) => n + 1),
    groups,
    totals: [],
  });
  expect(files.map(({ part }) => part)).toEqual(["-occupancy-l3", "-hits-l3"]);
});

describe("axes", () => {
  test("of bytes are divided by powers of two, others by 1, 2 and 5", () => {
    expect(ticks(0, 1_090_519, 5, "bytes")).toEqual([0, 262_144, 524_288, 786_432, 1_048_576]);
    expect(ticks(0, 1.66e9, 4, "bytes/s")).toEqual([0, 0.5e9, 1e9, 1.5e9]);
    expect(ticks(0, 1, 5, "share").map((one) => number(one, scaleFor("share", 1)))).toEqual([
      "0",
      "20",
      "40",
      "60",
      "80",
      "100",
    ]);
    expect(ticks(3, 3, 5, "ns")).toEqual([3]);
  });

  test("have units for people", () => {
    expect(scaleFor("bytes", 2 ** 20).name).toBe("MiB");
    expect(scaleFor("bytes/s", 1.6e9).name).toBe("GB/s");
    expect(scaleFor("ns", 8e6).name).toBe("ms");
    expect(scaleFor("ns", 0.5).name).toBe("ns");
  });
});

/** WCAG 2: relative luminance, and the contrast of two colours. */
function contrast(one: string, other: string): number {
  const luminance = (colour: string) => {
    const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
      const value = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
      return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const [low = 0, high = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (high + 0.05) / (low + 0.05);
}

test.each([
  ["light", LIGHT_THEME],
  ["dark", DARK_THEME],
])("colours stand out from the %s ground: lines as WCAG wants of graphics, words as of text", (_, theme) => {
  for (const colour of theme.groups) expect(contrast(colour, theme.ground)).toBeGreaterThanOrEqual(3);
  expect(contrast(theme.ink, theme.ground)).toBeGreaterThan(7);
  expect(contrast(theme.quiet, theme.ground)).toBeGreaterThan(4.5);
  expect(new Set(theme.groups).size).toBe(theme.groups.length);
});

/** Machado, Oliveira, Fernandes 2009, in full: linear RGB as it is seen with two kinds of cones. */
const SEEN = {
  normal: [1, 0, 0, 0, 1, 0, 0, 0, 1],
  protan: [0.152286, 1.052583, -0.204868, 0.114503, 0.786281, 0.099216, -0.003882, -0.048116, 1.051998],
  deutan: [0.367322, 0.860646, -0.227968, 0.280085, 0.672501, 0.047413, -0.01182, 0.04294, 0.968881],
  tritan: [1.255528, -0.076749, -0.178779, -0.078411, 0.930809, 0.147602, 0.004733, 0.691367, 0.3039],
};

/** Ottosson's Oklab, in which equal distances look alike; 0.02 is about what can be seen. */
function oklab(colour: string, seen: readonly number[]): number[] {
  const linear = [1, 3, 5].map((at) => {
    const value = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  const times = (matrix: readonly number[], vector: readonly number[]) =>
    [0, 3, 6].map((row) => vector.reduce((sum, value, at) => sum + value * (matrix[row + at] ?? 0), 0));
  const rgb = times(seen, linear).map((value) => Math.max(0, value));
  const cones = times(
    [
      0.4122214708, 0.5363325363, 0.0514459929, 0.2119034982, 0.6806995451, 0.1073969566, 0.0883024619, 0.2817188376,
      0.6299787005,
    ],
    rgb,
  );
  return times(
    [
      0.2104542553, 0.793617785, -0.0040720468, 1.9779984951, -2.428592205, 0.4505937099, 0.0259040371, 0.7827717662,
      -0.808675766,
    ],
    cones.map(Math.cbrt),
  );
}

test.each([
  ["light", LIGHT_THEME.groups],
  ["dark", DARK_THEME.groups],
])("no two colours of the %s theme look alike to readers with two kinds of cones", (_, groups) => {
  for (const [kind, seen] of Object.entries(SEEN)) {
    const places = groups.map((colour) => oklab(colour, seen));
    for (const [i, one] of places.entries()) {
      for (const [j, other] of places.entries()) {
        const distance = Math.hypot(...one.map((value, at) => value - (other[at] ?? 0)));
        if (i < j) expect(distance, `${groups[i]} and ${groups[j]}, ${kind}`).toBeGreaterThan(0.08);
      }
    }
  }
});

test("what XML has no way to say is replaced, and the rest is escaped", () => {
  expect(escaped(`<&>"'`)).toBe("&lt;&amp;&gt;&quot;&#39;");
  expect(escaped("a\u0000b\ud800c\u202ed\u{1f600}\n")).toBe("a\ufffdb\ufffdc\ufffdd\u{1f600}\n");
});
