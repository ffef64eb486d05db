// mpam replay with scripts: what is printed, the same every time, and the exit code.

import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const path = (name: string) => new URL(`../../${name}`, import.meta.url).pathname;
const COMMAND = path("dist/esm/cli.js");

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "mpam-script-"));
});
afterAll(() => rm(folder, { recursive: true }));

interface Ended {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

function mpam(...args: string[]): Promise<Ended> {
  return new Promise((resolve) => {
    execFile(process.execPath, [COMMAND, ...args], (error, out, err) => {
      resolve({ code: error ? Number(error.code) : 0, out, err });
    });
  });
}

async function scripted(lines: readonly string[], ...more: string[]): Promise<Ended> {
  const file = join(folder, "s.script");
  await writeFile(file, `${lines.join("\n")}\n`);
  const ended = await mpam("replay", "synth:zipf,ws=2M,n=200k,threads=8", "--quiet", "--script", file, ...more);
  return { ...ended, out: ended.out.replaceAll(folder, "."), err: ended.err.replaceAll(folder, ".") };
}

const SESSION = [
  "# two groups",
  "@0     mkdir web",
  "       write web/tasks 3",
  "       mkdir web/mon_groups/api",
  "@20%   read web/mon_data/mon_L3_00/llc_occupancy",
  "@50%   write web/schemata L3:0=f",
  "       cpu 5 offline",
  "@75%   read web/mon_data/mon_L3_00/mbm_total_bytes",
  "       capture local",
  "@80%   fault f: nrdy-stuck msc=0 type=csu",
  "       read web/mon_data/mon_L3_00/llc_occupancy",
  "       unfault f",
  "@end   expect web/mode shareable",
  "@end+2s rmdir web",
];

describe("the same bytes", () => {
  test("every time, as text and as JSON", async () => {
    const [first, second] = [await scripted(SESSION), await scripted(SESSION)];
    expect(first).toEqual(second);
    expect(first.code).toBe(0);
    expect(first.out).toMatch(/^@4\.999us web\/mon_data\/mon_L3_00\/llc_occupancy\n\d+\n\n@18\.\d+us web/);
    const [json, again] = [await scripted(SESSION, "--json"), await scripted(SESSION, "--json")];
    expect(json).toEqual(again);
    expect(JSON.parse(json.out).script).toHaveLength(4);
  });

  test("with two workers as with one", async () => {
    const platform = ["-p", path("platforms/two-sockets.yaml")];
    const alone = await scripted(SESSION, ...platform);
    expect(alone.code).toBe(0);
    expect(await scripted(SESSION, ...platform, "--workers", "2")).toEqual(alone);
  });
});

test("--json has what lines read and expected, where they stand, and what differs", async () => {
  const { code, out, err } = await scripted(
    ["@0 mkdir web", "@1us read web/mode", "expect web/mode exclusive"],
    "--json",
  );
  expect(code).toBe(1);
  expect(err).toBe("mpam: 1 expectation was not met\n");
  expect(JSON.parse(out).script).toEqual([
    { at: "1us", line: "read web/mode", place: "./s.script:2:1", text: "shareable\n" },
    {
      at: "1us",
      line: "expect web/mode exclusive",
      place: "./s.script:3:1",
      met: false,
      diff: "-exclusive\n+shareable",
    },
  ]);
});

test("an expectation that is not met is shown with both, the rest runs, and the exit code is 1", async () => {
  const { code, out, err } = await scripted(["@0 mkdir web", "@1us expect web/mode exclusive", "@2us read web/mode"]);
  expect(code).toBe(1);
  expect(err).toBe("mpam: 1 expectation was not met\n");
  expect(
    out.startsWith("@1us expect web/mode exclusive\n./s.script:2:1: not as expected\n-exclusive\n+shareable\n\n"),
  ).toBe(true);
  expect(out).toContain("@2us web/mode\nshareable\n");
  expect(out).toContain("200,000 records");
});

test("a line that is refused ends the run with what has been read so far, and the exit code 1", async () => {
  const { code, out, err } = await scripted(["read mode", "@1us rmdir web", "@2us read mode"]);
  expect(code).toBe(1);
  expect(out).toBe("@0 mode\nshareable\n\n");
  expect(err).toMatch(/^mpam: \.\/s\.script:2:1: rmdir web: ENOENT: .*\n$/);
});

test.each([
  [
    ["mkdir a", "mkdri b", "50% echo 1 > a/tasks"],
    /^mpam: \.\/s\.script:2:1: .*\n\.\/s\.script:3:1: .*@50% write a\/tasks 1\n$/,
  ],
  [["cpu 99 offline"], /^mpam: \.\/s\.script:1:1: cpu 99 offline: it cannot be done here; EINVAL: there is no cpu 99/],
])("%j is refused before anything runs, with the exit code 2", async (lines, says) => {
  const { code, out, err } = await scripted(lines);
  expect([code, out]).toEqual([2, ""]);
  expect(err).toMatch(says);
});

test("a script that is not there, or is no text, is one line", async () => {
  expect(await mpam("replay", "synth:stream,n=10", "--script", join(folder, "none"))).toMatchObject({
    code: 2,
    err: `mpam: script ${join(folder, "none")}: no such file\n`,
  });
  await writeFile(join(folder, "binary"), Uint8Array.of(0x6d, 0xff));
  expect((await mpam("replay", "synth:stream,n=10", "--script", join(folder, "binary"))).err).toMatch(/not UTF-8/);
});

test("a script without an end is one line", async () => {
  expect(await mpam("replay", "synth:zipf,n=1k", "--script", "/dev/zero")).toEqual({
    code: 2,
    out: "",
    err: "mpam: script /dev/zero: longer than 16 MiB, which none is\n",
  });
});

test("lines of --do come before those of the file, and have places of their own", async () => {
  const { out } = await scripted(["@0 read web/mode"], "--do", "mkdir web", "--do", "read mode");
  expect(out.startsWith("@0 mode\nshareable\n\n@0 web/mode\nshareable\n\n")).toBe(true);
});

test("the example does what it says", { timeout: 60_000 }, async () => {
  const { code, out, err } = await mpam(
    "replay",
    ...["polite", "greedy"].map((name) => path(`examples/traces/${name}.arrow.br`)),
    ...["-p", path("platforms/private-l2.yaml"), "-g", "polite=trace:1", "-g", "greedy=trace:2"],
    ...["--timing", "closed", "--quiet", "--script", path("examples/noisy-neighbour.script")],
  );
  expect([code, err]).toEqual([0, ""]);
  const held = [...out.matchAll(/^@\S+ (\w+)\/mon_data.*\n(\d+)$/gm)].map(([, group, bytes]) => [group, Number(bytes)]);
  const [politeBefore, greedyBefore, politeAfter, greedyAfter] = held.map(([, bytes]) => Number(bytes));
  expect(held.map(([group]) => group)).toEqual(["polite", "greedy", "polite", "greedy"]);
  expect(politeAfter).toBeGreaterThan(politeBefore as number);
  expect(greedyAfter).toBeLessThan(greedyBefore as number);
});
