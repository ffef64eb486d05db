// What is written to files: right, nearly right, and wrong.

import fc from "fast-check";
import type { Shape } from "./shape.ts";

const ODD = [
  " ",
  "\t",
  ";",
  ":",
  "=",
  ",",
  "\0",
  "\n",
  "+",
  "-",
  "0",
  "x",
  "g",
  "Z",
  "%",
  "*",
  "_",
  "e",
  "\u00a0",
  "\r",
];

type Text = fc.Arbitrary<string>;

/** As it is, with a character too many or too few, twice, without its end, or too long. */
function mutated(text: Text): Text {
  const spot = fc.tuple(text, fc.nat(200), fc.constantFrom(...ODD));
  const cut = (line: string, at: number) => at % (line.length + 1);
  return fc.oneof(
    { weight: 14, arbitrary: text },
    {
      weight: 2,
      arbitrary: spot.map(([line, at, odd]) => line.slice(0, cut(line, at)) + odd + line.slice(cut(line, at))),
    },
    { weight: 1, arbitrary: spot.map(([line, at]) => line.slice(0, cut(line, at)) + line.slice(cut(line, at) + 1)) },
    { weight: 1, arbitrary: text.map((line) => line + line) },
    { weight: 1, arbitrary: text.map((line) => line.slice(0, -1)) },
    {
      weight: 1,
      arbitrary: fc.tuple(text, fc.constantFrom(460, 500, 4000, 4200)).map(([line, count]) => "A".repeat(count) + line),
    },
  );
}

/** Mostly one of the first list. */
export function mostly<T>(right: readonly T[], wrong: readonly T[], weight = 10): fc.Arbitrary<T> {
  if (right.length === 0) return fc.constantFrom(...wrong);
  return fc.oneof(
    { weight, arbitrary: fc.constantFrom(...right) },
    { weight: 1, arbitrary: fc.constantFrom(...wrong) },
  );
}

function ids(domains: readonly { readonly id: number }[] = []): string[] {
  return domains.map(({ id }) => `${id}`);
}

function schemata(shape: Shape): Text {
  const { l2, l3, mb } = shape;
  const { cdp, cdpl2 } = shape.options ?? {};
  const cache = (name: string, halved: boolean | undefined) => (halved ? [`${name}CODE`, `${name}DATA`] : [name]);
  const right = [
    ...(l3?.bits ? cache("L3", cdp) : []),
    ...(l2 ? cache("L2", cdpl2) : []),
    ...(mb && !cdp && !cdpl2 ? ["MB", "MB"] : []),
  ];
  const names = mostly(right, ["L3", "MB", "L2", "L3CODE", "L2DATA", "l3", " L3 ", ""]);
  const wrongIds = ["77", "00", "a", "4294967296", "*", " 0", ""];
  const mask = (bits: number) =>
    fc.oneof(
      { weight: 10, arbitrary: fc.integer({ min: 1, max: 2 ** bits - 1 }).map((value) => value.toString(16)) },
      { weight: 1, arbitrary: fc.constantFrom("0", "1", "ffffffff", "100000000", "0x3", "+3", "zz", "", "-1") },
    );
  const percent = fc.oneof(
    { weight: 10, arbitrary: fc.integer({ min: 0, max: 100 }).map(String) },
    { weight: 1, arbitrary: fc.constantFrom("101", "0", "050", "0x32", "50%", "", "4294967296") },
  );
  const line = names.chain((name) => {
    const resource = { L2: l2, L3: l3, MB: mb }[name.trim().slice(0, 2)];
    const value = name === "MB" ? percent : mask((name.startsWith("L2") ? l2?.bits : l3?.bits) ?? 8);
    const item = fc.tuple(mostly(ids(resource?.domains), wrongIds), value).map((pair) => pair.join("="));
    return fc.array(item, { maxLength: 3 }).map((items) => `${name}:${items.join(";")}\n`);
  });
  return mutated(fc.array(line, { minLength: 1, maxLength: 2 }).map((lines) => lines.join("")));
}

function tasks(shape: Shape): Text {
  const tids = shape.tasks.map(({ tid }) => `${tid}`);
  const one = mostly([...tids, "0"], ["0x64", "-1", "999999", "", " 100 ", "4294967296", "0144", "abc", "-7"], 5);
  return mutated(fc.array(one, { minLength: 1, maxLength: 3 }).map((items) => `${items.join(",")}\n`));
}

function cpuNumbers({ cpus }: Shape): fc.Arbitrary<number[]> {
  return fc.uniqueArray(fc.nat(cpus - 1), { maxLength: 4 });
}

function cpus(shape: Shape): Text {
  const mask = cpuNumbers(shape).map((list) => list.reduce((bits, cpu) => bits | (1n << BigInt(cpu)), 0n).toString(16));
  const all = ((1n << BigInt(shape.cpus)) - 1n).toString(16);
  const wrong = fc.constantFrom(all, all, "zz", (1n << BigInt(shape.cpus)).toString(16), "", "123456789");
  return fc.oneof({ weight: 5, arbitrary: mask }, { weight: 2, arbitrary: wrong }).map((text) => `${text}\n`);
}

function cpusList(shape: Shape): Text {
  const last = shape.cpus - 1;
  const wrong = fc.constantFrom(`0-${last}`, `0-${last}`, "x", `${shape.cpus}`, "3-1", "");
  const plain = fc
    .oneof({ weight: 5, arbitrary: cpuNumbers(shape).map((list) => list.join(",")) }, { weight: 2, arbitrary: wrong })
    .map((text) => `${text}\n`);
  return fc.oneof({ weight: 7, arbitrary: plain }, { weight: 5, arbitrary: mutated(wideList(shape)) });
}

/** What the kernel's lists can have beyond `0-3,8`. */
function wideList({ cpus: count }: Shape): Text {
  const cpu = fc.nat(count - 1);
  const number = fc.oneof({ weight: 8, arbitrary: cpu.map(String) }, { weight: 1, arbitrary: fc.constant("N") });
  const beyond = fc.constantFrom(`${count}`, "4294967295", "4294967296", `0-${count}`, "1-0", "-1", "1-", "n", "allx");
  const range = fc.tuple(cpu, cpu).map(([a, b]) => `${Math.min(a, b)}-${Math.max(a, b)}`);
  const many = fc.oneof(
    range,
    range,
    cpu.map((first) => `${first}-N`),
    fc.constantFrom("all", "All", "0-N"),
  );
  const pattern = fc.oneof(
    { weight: 6, arbitrary: fc.tuple(fc.nat(2), fc.nat(2)).map(([used, more]) => `:${used}/${used + more}`) },
    { weight: 2, arbitrary: fc.constantFrom(":1/N", ":N/N", ":0/N", ":2/N", ":N/1", ":N/4") },
    { weight: 1, arbitrary: fc.constantFrom(":2/1", ":1/0", ":1", ":/2", ":1/4294967296") },
  );
  const patterned = fc.tuple(many, pattern).map((two) => two.join(""));
  const region = fc.oneof(
    { weight: 4, arbitrary: number },
    { weight: 4, arbitrary: many },
    { weight: 4, arbitrary: patterned },
    { weight: 1, arbitrary: beyond },
    { weight: 1, arbitrary: fc.tuple(number, pattern).map((two) => two.join("")) },
  );
  const separator = mostly([",", ",", " "], [",,", ", ", "\t,", "\v\f\r", "\u00a0"], 3);
  const edge = mostly([""], [",", " ", " ,,", "\t"], 2);
  // What follows counts or not: the kernel decides.
  const newline = mostly(["\n", "\n"], ["\n\n", " \n", ",\n", "\n,"], 3);
  const pair = fc.oneof(
    { weight: 3, arbitrary: fc.tuple(region, separator) },
    { weight: 1, arbitrary: fc.tuple(patterned, newline) },
  );
  const regions = fc.array(pair, { maxLength: 3 }).map((pairs) => pairs.flat().slice(0, -1));
  return fc.tuple(edge, regions, edge).map(([before, list, behind]) => `${before}${list.join("")}${behind}\n`);
}

function assignments({ l3 }: Shape): Text {
  const id = mostly([...ids(l3?.domains), "*"], ["*7", "9", "", "18446744073709551615"], 8);
  const state = mostly(["=e", "=_"], ["=ee", "=", "= _", ""], 8);
  const item = fc.tuple(id, state).map((pair) => pair.join(""));
  const event = mostly(["mbm_total_bytes"], ["llc_occupancy", "mbm_local_bytes"], 8);
  const line = fc.tuple(event, fc.array(item, { maxLength: 3 })).map(([name, items]) => `${name}:${items.join(";")}\n`);
  return mutated(fc.array(line, { minLength: 1, maxLength: 2 }).map((lines) => lines.join("")));
}

const infoTexts = {
  mbm_assign_on_mkdir: mostly(
    ["0\n", "1\n", "y\n", "N\n", "on\n", "off\n", "1", "true\n"],
    ["x\n", "", "o\n", "default\n"],
    4,
  ),
  mbm_assign_mode: mostly(
    ["default\n", "mbm_event\n"],
    ["mbm_event", "other\n", "", "mbm_event \n", "mbm_event\0\n"],
    2,
  ),
  "event_configs/mbm_total_bytes/event_filter": mostly(
    ["local_reads\n", "\n", "local_reads,remote_reads\n"],
    ["local_reads", "x\n"],
    2,
  ),
  max_threshold_occupancy: mostly(
    ["0\n", "0\n", "1\n", "4096\n", "0x1000\n", "010\n", "65536\n", "65537\n", "99999999\n", "4096"],
    ["4294967296\n", "18446744073709551616\n", "-1\n", "12 \n", "", "08\n", "0x\n", "+1\n"],
    2,
  ),
};

/** By the file they are for. */
export function hostile(shape: Shape) {
  return {
    schemata: schemata(shape),
    tasks: tasks(shape),
    cpus: cpus(shape),
    cpus_list: cpusList(shape),
    mode: mutated(
      fc.constantFrom("shareable\n", "exclusive\n", "pseudo-locksetup\n", "pseudo-locked\n", "Shareable\n"),
    ),
    mbm_L3_assignments: assignments(shape),
    ...infoTexts,
  };
}
