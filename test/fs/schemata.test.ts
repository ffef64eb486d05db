import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ErrnoError } from "../../src/errno/index.ts";
import type { Schema } from "../../src/fs/group.ts";
import { Resctrl } from "../../src/fs/index.ts";
import { type Neighbour, parseSchemata } from "../../src/fs/schemata-parse.ts";
import { CommandStatus } from "../../src/fs/status.ts";
import type { CtrlDomain, Resource } from "../../src/resctrl/index.ts";
import { commandOf } from "../../src/tree/text.ts";
import vectors from "../golden/resctrl-vectors.json" with { type: "json" };
import { type FakeShape, fakeDriver, refusal } from "./fakes.ts";

const golden = vectors.schemata;
const { schemata_display: shown, size_file: sizes } = vectors;

type Env = {
  group_mode: string;
  resources: { name: string; type: string; domains: number[]; [limit: string]: unknown }[];
  other_groups?: { mode: string; cbm: Record<string, Record<string, number>> }[];
  pseudo_locked?: { resource: string; domain: number; cbm: number }[];
};

function schemaOf(described: Env["resources"][number]): Schema {
  const number = (name: string): number => Number(described[name] ?? 0);
  const component = { class: undefined, id: 0, affinity: new Set<number>() } as unknown as CtrlDomain["component"];
  const resource: Resource = {
    rid: described.type === "range" ? "MB" : "L3",
    name: described.name,
    format: described.type === "range" ? "range" : "bitmap",
    allocCapable: true,
    monCapable: false,
    cdpCapable: false,
    cache: {
      cbmLen: number("cbm_len"),
      minCbmBits: number("min_cbm_bits"),
      sparse: number("sparse") === 1,
      shareableBits: number("shareable_bits"),
    },
    membw: {
      minBw: number("min"),
      maxBw: number("max"),
      bwGran: number("gran"),
      delayLinear: true,
      roundsUp: described.round_at_parse !== false,
    },
    mon: { numRmid: 0, cntrAssignable: false, assignFixed: false, numCntrs: 0 },
    ctrlDomains: described.domains.map((id) => ({ id, cpus: new Set(), component, staged: new Map() })),
    monDomains: [],
  };
  return { name: described.name, type: "none", resource, numClosid: 8 };
}

function parse(env: Env, text: string, lockedNearby = false) {
  const schemas = env.resources.map(schemaOf);
  const status = new CommandStatus();
  const groups = (env.other_groups ?? []).map(
    ({ mode, cbm }): Neighbour => ({
      mode: mode as Neighbour["mode"],
      mask: (schema, d) => cbm[schema.name]?.[d.id] ?? 0,
    }),
  );
  const regions = (env.pseudo_locked ?? []).map(
    ({ resource, domain, cbm }): Neighbour => ({
      mode: "pseudo-locked",
      mask: (schema, d) => (schema.name === resource && d.id === domain ? cbm : 0),
    }),
  );
  const others = [...groups, ...regions];
  const writer = {
    status,
    closid: 1,
    mode: env.group_mode as Neighbour["mode"],
    schemas,
    others,
    hasLockedNearby: () => lockedNearby,
  };
  const staged = (): Record<string, number> =>
    Object.fromEntries(
      schemas.flatMap((s) =>
        s.resource.ctrlDomains.flatMap((d) => [...d.staged.values()].map((v) => [`${s.name}:${d.id}`, v])),
      ),
    );
  try {
    parseSchemata(text, writer);
    return { code: null, staged: staged(), shown: status.shown };
  } catch (error) {
    if (!(error instanceof ErrnoError)) throw error;
    return { code: error.code, staged: {}, shown: status.shown };
  }
}

// S012 has no newline at its end, and never comes to the parser.
const byParser = golden.cases.filter(({ input }) => commandOf(input) !== undefined);

test("all lines but one come to the parser", () => {
  expect(golden.cases.length - byParser.length).toBe(1);
});

test.each(byParser)("$id: $input", (c) => {
  const env = golden.envs[c.env as keyof typeof golden.envs] as unknown as Env;
  const staged = Object.fromEntries(
    Object.entries(c.applied as Record<string, { staged: number }>).map(([where, value]) => [where, value.staged]),
  );
  expect(parse(env, commandOf(c.input) ?? "")).toEqual({ code: c.errno, staged, shown: c.last_cmd_status_reads });
});

describe("pseudo-locked regions, which only other machines have", () => {
  const env = golden.envs.rdt_plr as unknown as Env;

  test("are not touched by other groups", () => {
    const text = "CBM overlaps with pseudo-locked region\n";
    expect(parse(env, "L3:0=2")).toEqual({ code: "EINVAL", staged: {}, shown: text });
    expect(parse({ ...env, group_mode: "exclusive" }, "L3:0=1")).toMatchObject({ shown: text });
  });

  test("are to one that is to be locked like any other group, unless they are above or below it", () => {
    const locking = { ...env, group_mode: "pseudo-locksetup" };
    expect(parse(locking, "L3:0=2")).toMatchObject({ shown: "Overlaps with other group\n" });
    expect(parse(locking, "L3:0=4", true)).toMatchObject({ shown: "Pseudo-locked region in hierarchy\n" });
    expect(parse(env, "L3:0=4", true)).toMatchObject({ code: null });
  });
});

const ONE_L3 = { 0: [0, 1, 2, 3, 4, 5, 6, 7] };

/** Machines of the environments; those whose bandwidth is rounded when it is parsed are of 7.3. */
const onMachines: Record<string, FakeShape> = {
  mpam: {},
  mpam_wd3: { bwaWd: 3, cbmWd: 0, compat: "linux-7.3" },
  mpam_wd3_v74: { bwaWd: 3, cbmWd: 0 },
  mpam_wd4: { bwaWd: 4, cbmWd: 0, l3: ONE_L3, compat: "linux-7.3" },
  mpam_wd4_v74: { bwaWd: 4, cbmWd: 0, l3: ONE_L3 },
  mpam_wd1: { bwaWd: 1, cbmWd: 0, l3: ONE_L3, compat: "linux-7.3" },
  mpam_wd16: { bwaWd: 16, cbmWd: 0, l3: ONE_L3 },
  mpam32: { cbmWd: 32, bwaWd: 0, l3: ONE_L3 },
  mpam_cdp: {},
};

describe("on a mounted machine", () => {
  test.each(golden.cases.filter((c) => c.env in onMachines))("$id: $input", async (c) => {
    const driver = fakeDriver(onMachines[c.env]);
    const cdp = c.env === "mpam_cdp";
    const fs = await Resctrl.mount(driver, { cdp, expert: true });
    await fs.mkdir("g");
    const before = await fs.readFile("g/schemata");
    const refused = await refusal(fs.writeFile("g/schemata", c.input));
    // S107: the text of the error is what the buffer keeps.
    expect(refused?.code ?? null).toBe(c.errno);
    expect(refused?.status ?? "").toBe(c.status_text);
    expect(await fs.readFile("info/last_cmd_status")).toBe(c.last_cmd_status_reads);
    const after = await fs.readFile("g/schemata");
    if (refused !== undefined) expect(after).toBe(before);
    for (const [where, value] of Object.entries(
      c.applied as Record<string, { reads_back: string; hw_mbw_max?: string }>,
    )) {
      const [name = "", id = ""] = where.split(":");
      const line = after.split("\n").find((l) => l.trimStart().startsWith(`${name}:`)) ?? "";
      expect(line).toMatch(new RegExp(`[:;]${id}=${value.reads_back}(;|$)`));
      if (value.hw_mbw_max === undefined) continue;
      const written = driver.applied.findLast((a) => a.partid === 1 && a.id === Number(id));
      expect(written?.config.mbwMax).toBe(Number(value.hw_mbw_max));
    }
  });
});

test("one bad value anywhere in a command applies nothing of it", async () => {
  const driver = fakeDriver();
  const fs = await Resctrl.mount(driver);
  const before = await fs.readFile("schemata");
  const value = fc.oneof(
    fc.integer({ min: 1, max: 0xffff }).map((mask) => `L3:0=${mask.toString(16)}`),
    fc.integer({ min: 1, max: 100 }).map((percent) => `MB:1=${percent}`),
  );
  const bad = fc.constantFrom("L3:0=0", "L3:7=1", "MB:0=101", "L3", "", "XX:0=1", "L3:0=fffff", "MB:0=5;0=5");
  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(value, { selector: (v) => v.slice(0, 4), maxLength: 2 }),
      bad,
      async (good, wrong) => {
        const applied = driver.applied.length;
        const refused = await refusal(fs.writeFile("schemata", `${[...good, wrong].join("\n")}\n`));
        expect(refused?.code).toBe("EINVAL");
        expect(driver.applied).toHaveLength(applied);
        expect(await fs.readFile("schemata")).toBe(before);
      },
    ),
  );
});

test("MPAM that ends half way is an error: no part of the command is taken for done", async () => {
  const driver = fakeDriver();
  const fs = await Resctrl.mount(driver);
  const { apply } = driver;
  driver.apply = async (...args) => {
    await apply.apply(driver, args);
    void driver.disable("hardware error interrupt");
    for (let i = 0; i < 9; i++) await Promise.resolve();
  };
  expect(await refusal(fs.writeFile("schemata", "L3:0=f;1=f\n"))).toEqual({ code: "EINVAL", status: "" });
  expect(driver.applied.map(({ id }) => id)).toEqual([0]);
});

test("an error while applying leaves what was applied before, and nothing staged for the next command", async () => {
  const driver = fakeDriver();
  const fs = await Resctrl.mount(driver);
  driver.applyFailure = new ErrnoError("EIO", "the bus does not answer");
  expect((await refusal(fs.writeFile("schemata", "L3:0=f\n")))?.code).toBe("EIO");
  driver.applyFailure = undefined;
  await fs.writeFile("schemata", "L3:1=3\n");
  expect(await fs.readFile("schemata")).toBe("    MB:0=100;1=100\n    L3:0=ffff;1=3\n");
});

describe("how schemata look", () => {
  test("names are aligned to the longest there may be, a cache counting four more for CDP", async () => {
    const fs = await Resctrl.mount(fakeDriver());
    expect(await fs.readFile("schemata")).toBe(shown[0]?.schemata);
    const only = await Resctrl.mount(fakeDriver({ cbmWd: 0, l3: { 0: [0, 1, 2, 3, 4, 5, 6, 7] } }));
    expect(await only.readFile("schemata")).toBe(shown[2]?.schemata);
  });

  test.each(sizes)("mask $mask of $cbm_len bits is $size bytes of $cache_size", async (c) => {
    const fs = await Resctrl.mount(fakeDriver({ cacheBytes: c.cache_size, cbmWd: c.cbm_len }));
    await fs.writeFile("schemata", `L3:1=${c.mask}\nMB:0=10\n`);
    expect(await fs.readFile("size")).toMatch(new RegExp(`^ +MB:0=10;1=100\n +L3:0=\\d+;1=${c.size}\n$`));
  });
});
