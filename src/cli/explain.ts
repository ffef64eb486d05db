// mpam explain: for every class of the driver what resctrl makes of it, or the rule that refused it and what would change that.

import { Driver } from "../driver/index.ts";
import { ErrnoError } from "../errno/index.ts";
import { describe, type FirmwareDescription } from "../firmware/index.ts";
import { Machine } from "../machine/index.ts";
import { loadPlatform } from "../platform/index.ts";
import {
  type ClassExplanation,
  type ExplainedVerdict,
  type Explanation,
  explain as explainClasses,
  type Finding,
  type Loss,
  plural,
} from "../resctrl/index.ts";
import type { Booting } from "../session/index.ts";
import { type BootFlags, bootFrom } from "../session/index.ts";
import { showCpus } from "../written/index.ts";
import { platformOf } from "./named-platform.ts";
import { refusedByCpus, refusedByDriver } from "./not-enabled.ts";
import { print } from "./output.ts";
import { titleOf } from "./title.ts";
import { wrap } from "./wrap.ts";

export type Explained = Enabled | NotEnabled;

export interface Enabled extends Explanation {
  readonly platform: string;
  readonly enabled: true;
  readonly partids: number;
  readonly pmgs: number;
}

export interface NotEnabled {
  readonly platform: string;
  readonly enabled: false;
  /** What stopped the driver, in its words. */
  readonly reason: string;
  /** What firmware says that no driver can use; empty where the hardware stopped it. */
  readonly findings: readonly Finding[];
  readonly remarks: readonly string[];
}

export async function explain(
  argument: string | undefined,
  options: { json?: boolean; platform?: string } & BootFlags,
): Promise<void> {
  const boot = bootFrom(options);
  const platform = await loadPlatform(platformOf(argument, options.platform));
  const machine = await Machine.create(platform);
  const explained = await explainMachine(machine, platform.name, describe(platform), boot);
  print(options.json, explained, explained.enabled ? textOf(explained) : textOfRefusal(explained));
}

export async function explainMachine(
  machine: Machine,
  platform: string,
  firmware: FirmwareDescription,
  boot: Booting = {},
): Promise<Explained> {
  const refused = (reason: string): NotEnabled => ({
    platform,
    enabled: false,
    reason,
    findings: [...refusedByCpus(machine.processor.kernel), ...refusedByDriver(firmware)],
    remarks: firmware.remarks,
  });
  try {
    const driver = await Driver.probe(machine, { firmware, ...boot });
    const { state } = driver;
    if (state.phase === "waiting") return refused(`the driver waits for ${state.for}`);
    if (state.phase === "disabled") return refused(state.reason);
    const { partidMax, pmgMax } = driver;
    return { platform, enabled: true, partids: partidMax + 1, pmgs: pmgMax + 1, ...explainClasses(driver) };
  } catch (error) {
    if (error instanceof ErrnoError) return refused(error.message);
    throw error;
  }
}

function textOfRefusal({ platform, reason, findings, remarks }: NotEnabled): string {
  return [
    wrap("", `${platform}: MPAM is not enabled, and there is no resctrl: ${reason}`, 2),
    ...findings.map((finding) => showFinding(finding, 2)),
    ...remarks.map((remark) => wrap("firmware:", remark, 2)),
  ].join("\n\n");
}

/** The text of `mpam explain`. */
export function textOf(explained: Enabled): string {
  const { platform, partids, pmgs, classes, remarks } = explained;
  const head = `${platform}: MPAM enabled with ${partids} PARTIDs and ${pmgs} PMGs`;
  return [head, ...classes.map(showClass), ...remarks.map((remark) => wrap("", remark, 0))].join("\n\n");
}

function showClass(one: ClassExplanation): string {
  if (one.type === "unknown") return showUnknown(one);
  const lines = [titleOf(one)];
  const shown = one.verdicts.filter(({ outcome, meant }) => outcome !== "wrong-kind" || meant);
  for (const verdict of shown) lines.push(showVerdict(verdict));
  const others = one.verdicts.filter((verdict) => !shown.includes(verdict));
  for (const [found, names] of byFound(others))
    lines.push(wrap(`  ${names.join(", ")}:`, `not possible, it is ${found}`, 6));
  if (one.unused.length > 0) lines.push(wrap("  no schema for", one.unused.join(", "), 6));
  lines.push(...one.lost.map(showLoss));
  return lines.join("\n");
}

/** What the class is left with, and the two parts that disagree. */
function showLoss({ what, kind, parts, left, change }: Loss): string {
  const rest = { lost: "", reduced: `, ${left} left`, mixed: `, all read as ${left}` }[kind];
  return [
    wrap(`  ${kind} in merging:`, `${what}${rest}`, 6),
    ...parts.map(({ part, has }) => wrap("      ", `${part}: ${has}`, 8)),
    wrap("      It would take", `${change}.`, 8),
  ].join("\n");
}

/** Names of exports by what the first rule that refused them found. */
function byFound(verdicts: readonly ExplainedVerdict[]): Map<string, string[]> {
  const names = new Map<string, string[]>();
  for (const { export: name, findings } of verdicts) {
    const found = findings.find(({ holds }) => !holds)?.found ?? "";
    names.set(found, [...(names.get(found) ?? []), name]);
  }
  return names;
}

/** What nobody knows the use of: nothing is made of it, for one reason. */
function showUnknown(one: ClassExplanation): string {
  const refusal = one.verdicts
    .flatMap(({ findings }) => findings)
    .find(({ rule, holds }) => rule === "cache" && !holds);
  const lines = ["unknown", `  ${one.verdicts.map((verdict) => verdict.export).join(", ")}: refused`];
  if (refusal !== undefined) lines.push(showFinding(refusal, 6));
  for (const { msc, ris, described, has } of one.unknown) {
    const named = described ? "firmware names it, and says neither cache nor memory" : "firmware does not name it";
    const having = has.length === 0 ? "nothing to control or count" : has.join(", ");
    lines.push(wrap(`  MSC ${msc} RIS ${ris}:`, `${having}; ${named}`, 6));
  }
  return lines.join("\n");
}

function showVerdict({ export: name, outcome, as, domains, findings }: ExplainedVerdict): string {
  if (outcome === "exported")
    return wrap(`  ${name}:`, `${as}; ${plural(domains.length, "domain")} ${showCpus(domains)}`, 6);
  const refused = findings.filter(({ holds }) => !holds);
  return [`  ${name}: refused`, ...refused.map((finding) => showFinding(finding, 6))].join("\n");
}

function showFinding({ rule, asks, found, change, section }: Finding, indent: number): string {
  const head = `${" ".repeat(indent)}${rule} (${section}):`;
  return `${wrap(head, `${asks} ${capital(found)}.`, indent + 2)}\n${wrap(`${" ".repeat(indent + 2)}It would take`, `${change}.`, indent + 4)}`;
}

function capital(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}
