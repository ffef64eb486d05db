// A board as C source (c/mpam_board.h): the calls of power-on, the address map, and the tables of firmware.

import { type BuildCall, type BuildCallName, nameOfMsc, type RecordedPowerOn } from "../machine/index.ts";
import { addressMap, mscInstances, type Platform, processorOfCpus, type Space } from "../platform/index.ts";

/** As c/mpam_board.h names them. */
const CALLS: Readonly<Record<BuildCallName, string>> = {
  init: "MPAM_CALL_INIT",
  configure: "MPAM_CALL_CONFIGURE",
  reserve: "MPAM_CALL_RESERVE",
  addCache: "MPAM_CALL_ADD_CACHE",
  addNode: "MPAM_CALL_ADD_NODE",
  setBelow: "MPAM_CALL_SET_BELOW",
  addMsc: "MPAM_CALL_ADD_MSC",
  addBank: "MPAM_CALL_ADD_BANK",
  addRis: "MPAM_CALL_ADD_RIS",
  addPe: "MPAM_CALL_ADD_PE",
  seal: "MPAM_CALL_SEAL",
};

const REGIONS = {
  "register page": "MPAM_REGION_MSC",
  mailbox: "MPAM_REGION_MAILBOX",
  "shadow window": "MPAM_REGION_SHADOW",
  SMMU: "MPAM_REGION_SMMU",
} as const;

/** MPAM_SP. */
const SPACES: Readonly<Record<Space, number>> = { s: 0, ns: 1, rt: 2, rl: 3 };

interface BoardMsc {
  readonly name: string;
  readonly address: number | null;
  /** Bit n: it has a bank for space n. */
  readonly spaces: number;
  readonly errorLine: number;
  readonly overflowLine: number;
  /** Those that reach its page. */
  readonly cpus: readonly number[];
}

interface BoardRegion {
  readonly base: number;
  readonly bytes: number;
  readonly what: keyof typeof REGIONS;
  /** The MSC, mailbox or SMMU; of a shadow window the MSC that needs it. */
  readonly index: number;
}

export interface Board {
  readonly platform: Platform;
  /** Of the files, without what ends their names. */
  readonly file: string;
  readonly symbol: string;
  readonly recorded: RecordedPowerOn;
  readonly mscs: readonly BoardMsc[];
  /** By address. */
  readonly regions: readonly BoardRegion[];
  readonly tables: readonly Uint8Array[];
  readonly deviceTree?: Uint8Array;
}

export function boardOf(
  platform: Platform,
  recorded: RecordedPowerOn,
  firmware: Pick<Board, "tables" | "deviceTree">,
): Board {
  const file =
    platform.name
      .toLowerCase()
      .match(/[a-z0-9]+/g)
      ?.join("-") ?? "board";
  const mscs = mscInstances(platform).map((instance): BoardMsc => {
    const { spaces, errorInterrupt, overflowInterrupt, cpus } = instance.description;
    return {
      name: nameOfMsc(instance),
      address: instance.address ?? null,
      spaces: Object.keys(spaces).reduce((bits, space) => bits | (1 << SPACES[space as Space]), 0),
      errorLine: errorInterrupt,
      overflowLine: overflowInterrupt,
      cpus,
    };
  });
  const regions = addressMap(platform).map(({ start, bytes, what, of }): BoardRegion => {
    const index = typeof of === "number" ? of : "smmu" in of ? of.smmu : of.msc;
    return { base: start, bytes, what, index };
  });
  regions.sort((a, b) => a.base - b.base);
  return { platform, file, symbol: `mpam_board_${file.replaceAll("-", "_")}`, recorded, mscs, regions, ...firmware };
}

export function boardHeader({ platform, file, symbol }: Board): string {
  const guard = `${symbol.toUpperCase()}_H`;
  return `/* The board ${text(platform.name)}, by mpam embed. */
#ifndef ${guard}
#define ${guard}

#include "mpam_board.h"

#ifdef __cplusplus
extern "C" {
#endif

/* In ${file}.c. */
extern const mpam_board ${symbol};

#ifdef __cplusplus
}
#endif

#endif
`;
}

export function boardSource(board: Board): string {
  const { platform, file, symbol, recorded, mscs, regions, tables, deviceTree } = board;
  const reaches = new Reaches(platform.cpus);
  const mscLines = mscs.map(({ name, address, spaces, errorLine, overflowLine, cpus }) => {
    const place = address === null ? "MPAM_NOWHERE" : u64(address);
    return `{ ${quoted(name)}, ${place}, ${spaces}u, ${errorLine}u, ${overflowLine}u, ${reaches.of(cpus)} },`;
  });
  const regionLines = regions.map(
    ({ base, bytes, what, index }) => `{ ${u64(base)}, ${u64(bytes)}, ${REGIONS[what]}, ${index}u },`,
  );
  const levels = processorOfCpus(platform).map(({ el2, el3 }) => `${3 | (el2 ? 4 : 0) | (el3 ? 8 : 0)}u,`);
  const tableLines = tables.map((_, i) => `{ table_${i}, sizeof table_${i} },`);
  return `/* The board ${text(platform.name)}, by mpam embed. ${text(platform.description)} */

#include "${file}.h"

/* What lays the machine out. */
${array("uint64_t", "calls", recorded.calls.map(callLine))}
/* Where the records of each cpu enter; and its exception levels, a bit each. */
${array("uint32_t", "entries", lines(recorded.entries.map((entry) => `0x${entry.toString(16)}u,`)))}
${array("uint8_t", "levels", lines(levels))}
${reaches.text()}${array("mpam_msc_info", "mscs", mscLines)}
${array("mpam_region", "regions", regionLines)}
${tables.map((bytes, i) => array("uint8_t", `table_${i}`, lines(hexBytes(bytes)))).join("\n")}
${array("mpam_table", "tables", tableLines)}
${deviceTree ? array("uint8_t", "device_tree", lines(hexBytes(deviceTree))) : ""}
const mpam_board ${symbol} = {
    .name = ${quoted(platform.name)},
    .layout = ${recorded.layout}u,
    .bytes = ${recorded.bytes}u,
    .line_bytes = ${platform.lineBytes}u,
    .cpus = ${platform.cpus}u,
    .msc_count = ${mscs.length}u,
    .region_count = ${regions.length}u,
    .table_count = ${tables.length}u,
    .call_words = ${recorded.calls.reduce((sum, call) => sum + 1 + call.arguments.length, 0)}u,
    .calls = calls,
    .entries = entries,
    .levels = levels,
    .mscs = ${mscs.length > 0 ? "mscs" : "0"},
    .regions = ${regions.length > 0 ? "regions" : "0"},
    .tables = ${tables.length > 0 ? "tables" : "0"},
    .device_tree = ${deviceTree ? "device_tree" : "0"},
    .device_tree_bytes = ${deviceTree ? "sizeof device_tree" : "0"},
};
`;
}

function callLine(call: BuildCall): string {
  return [CALLS[call.name], ...call.arguments.map(u64)].map((word) => `${word},`).join(" ");
}

/** Who reaches a page, as sets of cpus that several MSCs share: a bit for each cpu, 32 to a word. */
class Reaches {
  readonly #names = new Map<string, string>();

  constructor(private readonly cpus: number) {}

  of(cpus: readonly number[]): string {
    if (cpus.length === this.cpus) return "0";
    const words = new Uint32Array(Math.ceil(this.cpus / 32));
    for (const cpu of cpus) words[cpu >>> 5] = (words[cpu >>> 5] as number) | (1 << (cpu & 31));
    const text = lines(Array.from(words, (word) => `0x${word.toString(16)}u,`)).join("\n    ");
    const name = this.#names.get(text) ?? `reach_${this.#names.size}`;
    this.#names.set(text, name);
    return name;
  }

  text(): string {
    return [...this.#names].map(([words, name]) => array("uint32_t", name, [words])).join("");
  }
}

/** C has no empty arrays: none is written. */
function array(type: string, name: string, rows: readonly string[]): string {
  if (rows.length === 0) return "";
  return `static const ${type} ${name}[] = {\n${rows.map((row) => `    ${row}\n`).join("")}};\n`;
}

/** Words, twelve to a line. */
function lines(words: readonly string[]): string[] {
  return Array.from({ length: Math.ceil(words.length / 12) }, (_, i) => words.slice(12 * i, 12 * i + 12).join(" "));
}

function hexBytes(bytes: Uint8Array): string[] {
  return Array.from(bytes, (byte) => `0x${byte.toString(16).padStart(2, "0")},`);
}

function u64(value: number | bigint): string {
  return value < 10 ? `${value}` : `0x${value.toString(16)}`;
}

function quoted(words: string): string {
  return `"${words.replace(/[^ -~]|["\\?]/g, "_")}"`;
}

/** For a comment. */
function text(words: string): string {
  return words.replace(/\s+/g, " ").replaceAll("*/", "* /");
}
