// Guests as a command line has them: `NAME=RULE[,KEY=VALUE...]`, where RULE picks threads by trace:N (from 1, in the order given),
// tid:N, pid:N, asid:N or comm:NAME; and what threads of a guest its own kernel gives which PARTID: `NAME:PARTID=RULE`.

import { ErrnoError } from "../errno/index.ts";
import type { GuestThreads, Machine, TraceRequester, TraceSource } from "../machine/index.ts";
import type { ScriptTree } from "../script/index.ts";
import { readCpus, UsageError, whole } from "../written/index.ts";

const RULES = "trace:N, tid:N, pid:N, asid:N or comm:COMMAND";
const KEYS = "vcpus=0-3, groups=a+b, pmgs=N, plk, nested or within=NAME";

interface ThreadRule {
  readonly by: "trace" | "tid" | "pid" | "asid" | "comm";
  readonly value: string | number;
}

export interface GuestRule {
  readonly name: string;
  readonly threads: readonly ThreadRule[];
  /** A vCPU on each; default: one on every cpu. */
  readonly vcpus?: readonly number[];
  /** Groups of the host for the guest's PARTIDs 1, 2 and so on; "-" for the vCPU's own. Without them MPAM is hidden. */
  readonly groups?: readonly string[];
  readonly pmgMax?: number;
  readonly gstappPlk?: true;
  readonly nested?: true;
  readonly within?: string;
}

type GroupTree = Pick<ScriptTree, "mkdir" | "writeFile">;

/** Which threads of a guest have which of the guest's PARTIDs. */
export interface GuestPartidRule {
  readonly guest: string;
  readonly partid: number;
  readonly thread: ThreadRule;
}

export interface GuestRules {
  readonly guests: readonly GuestRule[];
  readonly partids: readonly GuestPartidRule[];
}

/** Of `--guest` and `--guest-partid`. The same guest again adds threads, and says nothing else. */
export function parseGuests(guests: readonly string[], partids: readonly string[]): GuestRules {
  const byName = new Map<string, GuestRule>();
  for (const text of guests) {
    const rule = parseGuest(text);
    const known = byName.get(rule.name);
    if (known && Object.keys(rule).length > 2) {
      throw new UsageError(`guest '${text}': what ${rule.name} is has been said before; only threads can be added`);
    }
    byName.set(rule.name, known ? { ...known, threads: [...known.threads, ...rule.threads] } : rule);
  }
  const parsed = partids.map(parsePartid);
  for (const { guest, partid } of parsed) {
    const max = byName.get(guest)?.groups?.length;
    if (max !== undefined && partid <= max) continue;
    const there = byName.has(guest)
      ? `${guest} has 0..${max ?? 0} (groups= gives it more)`
      : `there is no guest ${guest}`;
    throw new UsageError(`guest-partid '${guest}:${partid}': ${there}`);
  }
  return { guests: [...byName.values()], partids: parsed };
}

function parseGuest(text: string): GuestRule {
  const parts = /^([^=,]+)=(.+)$/.exec(text);
  if (!parts) throw new UsageError(`guest '${text}': NAME=RULE is needed, with ${RULES}, and ${KEYS} after it`);
  const [first = "", ...keys] = (parts[2] ?? "").split(",");
  let guest: GuestRule = { name: parts[1] ?? "", threads: [parseRule(`guest '${text}'`, first)] };
  for (const word of keys) {
    const said = parseKey(text, word);
    if (Object.keys(said).some((key) => key in guest)) throw new UsageError(`guest '${text}': '${word}' is said twice`);
    guest = { ...guest, ...said };
  }
  if (!guest.groups && (guest.gstappPlk || guest.pmgMax !== undefined)) {
    const word = guest.gstappPlk ? "plk" : "pmgs";
    throw new UsageError(`guest '${text}': ${word} is for guests with PARTIDs of their own; groups=a+b gives it some`);
  }
  return guest;
}

function parseRule(where: string, text: string): ThreadRule {
  const [, by, value = ""] = /^(trace|tid|pid|asid|comm):(.+)$/.exec(text) ?? [];
  if (by === undefined) throw new UsageError(`${where}: '${text}' picks no threads; ${RULES} is allowed`);
  if (by === "comm") return { by, value };
  return { by: by as ThreadRule["by"], value: whole(`${where}: ${by}`, value) };
}

function parseKey(text: string, word: string): Partial<GuestRule> {
  const [, key = word, value] = /^([^=]+)=(.+)$/.exec(word) ?? [];
  if (value === undefined) {
    if (key === "plk") return { gstappPlk: true };
    if (key === "nested") return { nested: true };
  } else {
    if (key === "groups") {
      const groups = value.split("+");
      if (groups.includes(""))
        throw new UsageError(
          `guest '${text}': '${word}' has a group without a name; '/' is the default group, '-' none`,
        );
      return { groups };
    }
    if (key === "pmgs") {
      const pmgs = whole(`guest '${text}': pmgs`, value);
      if (pmgs === 0) throw new UsageError(`guest '${text}': pmgs=0: a guest has 1 PMG or more`);
      return { pmgMax: pmgs - 1 };
    }
    if (key === "within") return { within: value };
    if (key === "vcpus") {
      const vcpus = readCpus(value.replaceAll("+", ","));
      if (vcpus) return { vcpus };
    }
  }
  throw new UsageError(`guest '${text}': '${word}' is none of ${KEYS}`);
}

function parsePartid(text: string): GuestPartidRule {
  const [, guest = "", partid = "", rule] = /^([^:=]+):([^=]+)=(.+)$/.exec(text) ?? [];
  const where = `guest-partid '${text}'`;
  if (rule === undefined) throw new UsageError(`${where}: NAME:PARTID=RULE is needed, with ${RULES}`);
  return { guest, partid: whole(`${where}: PARTID`, partid), thread: parseRule(where, rule) };
}

/** Adds the guests, before the traces' threads are tasks; those that are within others after them. */
export function addGuests(machine: Machine, sources: readonly TraceSource[], { guests, partids }: GuestRules): void {
  for (const { thread } of partids) checkTrace("guest-partid", thread, sources);
  for (const { threads, groups, within, ...rest } of guests.toSorted(
    (a, b) => Number(!!a.within) - Number(!!b.within),
  )) {
    const outer = within === undefined ? machine.processor.cpus : machine.processor.vm(within).vcpus;
    machine.processor.addVm({
      vcpus: outer.map((_, cpu) => cpu),
      ...rest,
      ...(within === undefined ? {} : { within }),
      ...(groups ? { mpam: "virtual", partids: groups.map((group) => (group === "-" ? undefined : "thread")) } : {}),
      threads: threads.map((rule) => threadsOf(rule, sources)),
    });
  }
}

function threadsOf({ by, value }: ThreadRule, sources: readonly TraceSource[]): GuestThreads {
  if (by !== "trace") return { [by]: value };
  checkTrace("guest", { by, value }, sources);
  return { trace: (sources[Number(value) - 1] as TraceSource).hash };
}

function checkTrace(option: string, { by, value }: ThreadRule, sources: readonly TraceSource[]): void {
  if (by !== "trace" || sources[Number(value) - 1]) return;
  throw new UsageError(`${option}: there is no trace ${value}; there are 1 to ${sources.length}`);
}

/**
 * Puts the threads that stand for guests' PARTIDs into the groups of the host that are named, makes those that are not there,
 * and has the guests' kernels give their threads PARTIDs.
 */
export async function placeGuests(
  machine: Machine,
  tree: GroupTree,
  sources: readonly TraceSource[],
  { guests, partids }: GuestRules,
): Promise<void> {
  for (const source of sources) machine.addTasks(source);
  for (const { name, groups = [], within } of guests) {
    const vm = machine.processor.vm(name);
    for (const [at, group] of groups.entries()) {
      const thread = vm.partids.threadOf(at + 1);
      if (thread === undefined) continue;
      // The groups of a guest's guest are the guest's, whose resctrl is not here: its PARTIDs have the numbers of its threads' tags.
      if (within !== undefined) {
        const partid = whole(`guest ${name}: groups of a guest within another are PARTIDs of that;`, group);
        const label = { partidD: partid, partidI: partid, pmgD: 0, pmgI: 0 };
        machine.processor.vm(within).kernel.setTag(thread, label);
        continue;
      }
      if (group !== "/") await made(tree, group);
      await tree.writeFile(`${group === "/" ? "" : group}/tasks`, new TextEncoder().encode(`${thread}\n`));
    }
  }
  for (const [index, source] of sources.entries()) {
    for (const requester of source.requesters) {
      const place = machine.processor.guestThreadOf(requester, source);
      const rule = partids.find((one) => one.guest === place?.vm && isPicked(one.thread, requester, index + 1));
      if (!place || !rule) continue;
      const label = { partidD: rule.partid, partidI: rule.partid, pmgD: 0, pmgI: 0 };
      machine.processor.vm(place.vm).kernel.setTag(place.tid, label);
    }
  }
}

async function made(tree: GroupTree, group: string): Promise<void> {
  await tree.mkdir(group).catch((error: unknown) => {
    if (!(error instanceof ErrnoError && error.code === "EEXIST")) throw error;
  });
}

function isPicked({ by, value }: ThreadRule, requester: TraceRequester, trace: number): boolean {
  return by === "trace" ? trace === value : requester[by] === value;
}
