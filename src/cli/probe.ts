// mpam probe: what a driver finds on a platform.

import { Driver, type DriverState } from "../driver/index.ts";
import { Machine } from "../machine/index.ts";
import { loadPlatform } from "../platform/index.ts";
import { plural } from "../resctrl/index.ts";
import { type BootFlags, bootFrom } from "../session/index.ts";
import { showCpus } from "../written/index.ts";
import { type Found, type FoundClass, type FoundLimit, type FoundMsc, findings } from "./found.ts";
import { logRegisters, parseLogRegisters } from "./log-registers.ts";
import { platformOf } from "./named-platform.ts";
import { print } from "./output.ts";
import { titleOf } from "./title.ts";
import { wrap } from "./wrap.ts";

/** Lines of the driver's log and names of MSCs that are shown before the rest is counted. */
const LOG_LINES = 8;
const NAMES = 2;

export async function probe(
  argument: string | undefined,
  options: { json?: boolean; platform?: string; logRegisters?: string } & BootFlags,
): Promise<void> {
  const boot = bootFrom(options);
  const filter = parseLogRegisters(options.logRegisters);
  const platform = await loadPlatform(platformOf(argument, options.platform));
  const machine = await Machine.create(platform);
  if (filter) logRegisters(machine, filter);
  const driver = await Driver.probe(machine, boot);
  const found = findings(driver, platform, machine.mscs);
  print(options.json, found, textOf(found));
}

/** The text of `mpam probe`. */
export function textOf(found: Found): string {
  const { state, limits } = found;
  const { partid, pmg } = limits;
  const labels = `${found.partids} PARTIDs and ${found.pmgs} PMGs`;
  const soFar = found.mscs.length > 0 ? `. So far ${labels}` : "";
  const head = [
    state.phase === "enabled"
      ? `${found.platform}: MPAM enabled with ${labels}`
      : wrap("", `${found.platform}: MPAM is not enabled: ${whyNot(state)}${soFar}`, 6),
    ...(found.mscs.length > 0
      ? [wrap("  PARTIDs to", showLimit(partid), 6), wrap("  PMGs to", showLimit(pmg), 6)]
      : []),
  ].join("\n");
  const tail = [
    ...found.notes.map((note) => wrap("note:", note, 6)),
    ...found.remarks.map((remark) => wrap("firmware:", remark, 6)),
    showLog(found),
  ];
  return [head, ...folded(found.mscs).map(showMscs), ...found.classes.map(showClass), ...tail]
    .filter((part) => part !== "")
    .join("\n\n");
}

function whyNot(state: Exclude<DriverState, { phase: "enabled" }>): string {
  return state.phase === "waiting" ? `the driver waits for ${state.for}` : state.reason;
}

/** "31, from MSC 0 (L3 0), 3 more, SMMU 0 and the cpus". */
function showLimit({ max, cpus, mscs, smmus }: FoundLimit): string {
  const more = mscs.length - NAMES;
  const from = [
    ...mscs.slice(0, NAMES),
    ...(more > 0 ? [`${more} more`] : []),
    ...smmus.map((id) => `SMMU ${id}`),
    ...(cpus ? ["the cpus"] : []),
  ];
  const last = from.pop() ?? "nobody";
  return `${max}, from ${from.length === 0 ? last : `${from.join(", ")} and ${last}`}`;
}

/** MSCs that follow each other and differ in nothing but their place. */
function folded(mscs: readonly FoundMsc[]): FoundMsc[][] {
  const groups: FoundMsc[][] = [];
  for (const msc of mscs) {
    const group = groups.at(-1);
    if (group?.[0] !== undefined && alike(group[0]) === alike(msc) && inStep(group, msc)) group.push(msc);
    else groups.push([msc]);
  }
  return groups;
}

function alike({ msc: _, address: __, name, ris, ...rest }: FoundMsc): string {
  const kind = name.split(" ")[0];
  return JSON.stringify([kind, rest, ris.map(({ cpus: ___, ...one }) => one)]);
}

/** Their pages lie equally far apart. */
function inStep(group: readonly FoundMsc[], next: FoundMsc): boolean {
  const [first, second] = group;
  if (first?.address === undefined || second?.address === undefined || next.address === undefined) return true;
  return next.address - (group.at(-1)?.address ?? 0) === second.address - first.address;
}

function showMscs(group: readonly FoundMsc[]): string {
  const [first, second] = group;
  const last = group.at(-1);
  if (first === undefined || last === undefined) return "";
  const name = group.length === 1 ? first.name : `${first.name} to ${last.name.split(" ").at(-1)}`;
  const { version, iidr, partidMax, pmgMax, nrdyUsec, errorInterrupt, overflowInterrupt, errata } = first;
  const step =
    first.address !== undefined && second?.address !== undefined
      ? ` and every ${hex(second.address - first.address)} from there`
      : "";
  const reached = first.address === undefined ? `mailbox ${first.mailbox}` : `page at ${hex(first.address)}${step}`;
  const facts = [
    `MPAM ${version}`,
    `IIDR ${hex(iidr)}`,
    `PARTIDs to ${partidMax}`,
    `PMGs to ${pmgMax}`,
    ...(errorInterrupt === 0 ? [] : [`error interrupt ${errorInterrupt}`]),
    ...(overflowInterrupt === 0 ? [] : [`overflow interrupt ${overflowInterrupt}`]),
    ...(nrdyUsec === undefined || nrdyUsec === 0 ? [] : [`monitors not ready up to ${nrdyUsec} us`]),
  ];
  return [
    `MSC ${showCpus(group.map(({ msc }) => msc))}: ${name}`,
    wrap("  ", `${reached}, reached by cpus ${showCpus(first.cpus)}`, 6),
    wrap("  ", facts.join(", "), 6),
    ...(errata.length === 0 ? [] : [wrap("  worked around:", errata.join(", "), 6)]),
    ...first.ris.map(({ ris, has, described }) => {
      const where = described ? "" : ", and firmware does not name it";
      return wrap(`  RIS ${ris}:`, `${nothingOr(has)}${where}`, 6);
    }),
  ].join("\n");
}

function showClass(one: FoundClass): string {
  const mscs = new Set(one.components.flatMap((component) => component.mscs));
  const ids = one.components.map(({ id }) => id);
  return [
    `class ${titleOf({ ...one, ids })}: MSC ${showCpus(mscs)} in ${ids.length} ${plural(ids.length, "component")}`,
    wrap("  ", nothingOr(one.has), 6),
    ...(one.nrdyUsec === 0 || !one.features.includes("msmon_csu")
      ? []
      : [`  monitors not ready up to ${one.nrdyUsec} us`]),
  ].join("\n");
}

function nothingOr(has: readonly string[]): string {
  return has.length === 0 ? "nothing to control or count" : has.join(", ");
}

function showLog({ log }: Found): string {
  const lines = log.slice(0, LOG_LINES).map(({ level, text }) => wrap(`driver ${level}:`, text, 6));
  const more = log.length - lines.length;
  return [...lines, ...(more > 0 ? [`and ${more} more lines, which --json has`] : [])].join("\n");
}

/** 0x1_4100_0000, as platform files have it. */
function hex(value: number): string {
  return `0x${value.toString(16).replace(/\B(?=(?:[0-9a-f]{4})+$)/g, "_")}`;
}
