// mpam embed: a platform as a board of C, made once, so that a program in C needs neither Node nor the platform file.

import { join } from "node:path";
import { acpiTables, deviceTree } from "../firmware/index.ts";
import { recordPowerOn } from "../machine/index.ts";
import { loadPlatform, type Platform } from "../platform/index.ts";
import { count, plural } from "../written/index.ts";
import { type Board, boardHeader, boardOf, boardSource } from "./board-source.ts";
import { platformOf } from "./named-platform.ts";
import { print } from "./output.ts";
import { makeFolder, writeTo } from "./places.ts";

interface Flags {
  readonly platform?: string;
  readonly output: string;
  readonly quiet?: boolean;
  readonly json?: boolean;
}

export async function embed(
  argument: string | undefined,
  { platform: option, output, quiet, json }: Flags,
): Promise<void> {
  const platform = await loadPlatform(platformOf(argument, option));
  const board = boardOf(platform, await recordPowerOn(platform), firmwareOf(platform));
  await makeFolder(output);
  const source = join(output, `${board.file}.c`);
  const header = join(output, `${board.file}.h`);
  await writeTo(source, boardSource(board));
  await writeTo(header, boardHeader(board));
  const lacks = whatIsLacking(platform);
  if (json) print(true, summary(board, [source, header], lacks), "");
  else {
    const lines = [
      ...(quiet ? [] : said(board, source, header)),
      ...lacks.map((what) => `Not in C: ${what}. docs/embedding.md says what to do.`),
    ];
    if (lines.length > 0) print(false, {}, lines.join("\n"));
  }
}

function firmwareOf(platform: Platform): Pick<Board, "tables" | "deviceTree"> {
  if (platform.firmware === "acpi") return { tables: acpiTables(platform) };
  return { tables: [], deviceTree: deviceTree(platform) };
}

/** What the machine of this package has on top of the hardware module, in words. */
function whatIsLacking({ mailboxes, smmus, caches, memory }: Platform): string[] {
  const errata = new Set([...caches, ...memory].flatMap(({ msc }) => msc?.errata ?? []));
  return [
    ...(mailboxes.length > 0 ? [`${plural(mailboxes.length, "mailbox", "mailboxes")} to firmware`] : []),
    ...(smmus.length > 0 ? [`registers of ${plural(smmus.length, "SMMU")}`] : []),
    ...(errata.has("T241-MPAM-1") ? ["the shadow registers of erratum T241-MPAM-1"] : []),
  ];
}

function said(
  { platform, recorded, mscs, regions, tables, deviceTree, symbol }: Board,
  source: string,
  header: string,
) {
  const firmware = deviceTree
    ? `a device tree of ${count(deviceTree.length)} bytes`
    : `${plural(tables.length, "ACPI table")}, ${count(tables.reduce((sum, { length }) => sum + length, 0))} bytes`;
  return [
    `${platform.name}: ${plural(mscs.length, "MSC")}, ${plural(platform.cpus, "cpu")}, ${plural(regions.length, "region")} of the address map`,
    `  ${plural(recorded.calls.length, "call")} lay out ${count(recorded.bytes)} bytes; ${firmware}`,
    `  ${source} and ${header}: ${symbol}`,
  ];
}

/** For other hosts of the module: what a board of C holds. */
function summary(board: Board, files: readonly string[], lacks: readonly string[]) {
  const { platform, symbol, recorded, mscs, regions, tables, deviceTree } = board;
  const hex = (bytes: Uint8Array) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return {
    platform: platform.name,
    files,
    symbol,
    layout: recorded.layout,
    bytes: recorded.bytes,
    calls: recorded.calls.map((call) => [call.name, ...call.arguments.map((word) => `0x${word.toString(16)}`)]),
    entries: recorded.entries,
    mscs,
    regions,
    tables: tables.map(hex),
    ...(deviceTree ? { deviceTree: hex(deviceTree) } : {}),
    lacks,
  };
}
