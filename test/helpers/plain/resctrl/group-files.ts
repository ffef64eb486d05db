// Files of groups (resctrl-fs.md sections 4 to 8, 11, 12).

import { assign, EVENT, writeAssignments } from "./assignment-lines.ts";
import { parseList } from "./bitmap-list.ts";
import { writeCpus } from "./cpu-sets.ts";
import type { PlainGroup } from "./group.ts";
import type { PlainFile } from "./nodes.ts";
import { refuse } from "./refused.ts";
import type { Schema } from "./schemas.ts";
import { parseSchemata } from "./schemata-lines.ts";
import type { PlainState } from "./state.ts";
import { moveTasks } from "./task-lines.ts";
import { parseMask, printList, printMask, untilNul } from "./text.ts";

export interface Named extends Omit<PlainFile, "clearsOnRead"> {
  readonly name: string;
  readonly mode: number;
}

/** The text of a write that has to end with a newline, without it. */
export function line(text: string, name: string, state: PlainState): string {
  if (!text.endsWith("\n")) {
    state.status.put(`${name}: Invalid input\n`);
    refuse("EINVAL");
  }
  return untilNul(text.slice(0, -1));
}

export function groupFiles(state: PlainState, group: PlainGroup): Named[] {
  const { debug = false } = state.shape.options ?? {};
  const oddities = { newlineAfterPattern: state.shape.kernel === "linux-7.3" };
  const control = group.type === "control";
  return [
    {
      ...{ name: "tasks", mode: 0o644, read: () => tasksOf(state, group) },
      write: (text, caller) => moveTasks(untilNul(text), caller, { ...state, group, tasks: state.shape.tasks }),
    },
    {
      ...{ name: "cpus", mode: 0o644, read: () => printMask(group.cpus, state.shape.cpus) },
      write: (text) => writeCpus(parseMask(untilNul(text), state.shape.cpus), group, state),
    },
    {
      ...{ name: "cpus_list", mode: 0o644, read: () => printList(group.cpus) },
      write: (text) => writeCpus(parseList(untilNul(text), state.shape.cpus, oddities), group, state),
    },
    ...(control ? controlFiles(state, group) : []),
    ...(control && debug ? [{ name: "ctrl_hw_id", mode: 0o444, read: () => `${group.closid}\n` }] : []),
    ...(state.monitoring && debug ? [{ name: "mon_hw_id", mode: 0o444, read: () => `${group.rmid}\n` }] : []),
    ...(state.counters ? [assignments(state, group)] : []),
  ];
}

function controlFiles(state: PlainState, group: PlainGroup): Named[] {
  return [
    {
      ...{ name: "schemata", mode: 0o644, read: () => perSchema(state, group, (schema, value) => show(schema, value)) },
      write: (text) => writeSchemata(line(text, "schemata", state), state, group),
    },
    {
      name: "mode",
      mode: 0o644,
      read: () => "shareable\n",
      write: (text) => writeMode(line(text, "mode", state), state),
    },
    {
      name: "size",
      mode: 0o444,
      read: () => perSchema(state, group, (schema, value, domain) => size(state, schema, value, domain)),
    },
  ];
}

function tasksOf(state: PlainState, group: PlainGroup): string {
  if (group === state.root && !state.allocation) return "";
  const inside = (where: PlainGroup) =>
    where.closid === group.closid && (group.type === "control" || where.rmid === group.rmid);
  const tids = state.shape.tasks.filter(({ tid }) => inside(state.placed.get(tid)!)).map(({ tid }) => tid);
  return tids.map((tid) => `${tid}\n`).join("");
}

function perSchema(
  state: PlainState,
  group: PlainGroup,
  print: (schema: Schema, value: number, domain: number) => string,
): string {
  const { schemas } = state;
  const lines = schemas.list.map((schema) => {
    const values = state
      .present(schema.resource)
      .map((domain) => `${domain}=${print(schema, schemas.value(schema, domain, group.closid), domain)}`);
    return `${schema.name.padStart(schemas.nameWidth)}:${values.join(";")}\n`;
  });
  return lines.join("");
}

function show({ resource }: Schema, value: number): string {
  return resource === "MB" ? `${value}` : value.toString(16);
}

function size({ shape, schemas }: PlainState, { resource }: Schema, value: number, domain: number): string {
  if (resource === "MB") return `${value}`;
  const caches = (resource === "L2" ? shape.l2 : shape.l3)!;
  const { bytes } = caches.domains.find(({ id }) => id === domain)!;
  const set = [...value.toString(2)].filter((bit) => bit === "1").length;
  return `${Math.floor(bytes / schemas.bits(resource)) * set}`;
}

function writeSchemata(text: string, state: PlainState, group: PlainGroup): void {
  const { schemas, status } = state;
  const domains = (resource: Schema["resource"]) => state.present(resource);
  for (const { schema, domain, value } of parseSchemata(text, { schemas, status, closid: group.closid, domains })) {
    schemas.set(schema, domain, group.closid, value);
  }
}

/** Every mask touches what the hardware shares, so no group can be exclusive; and nothing locks. */
function writeMode(word: string, { status, schemas }: PlainState): void {
  if (word === "shareable") return;
  if (word !== "exclusive") status.put("Unknown or unsupported mode\n");
  else if (schemas.list.some(({ resource }) => resource !== "MB")) status.put("Schemata overlaps\n");
  else status.put("Cannot be exclusive without CAT/CDP\n");
  refuse("EINVAL");
}

function assignments(state: PlainState, group: PlainGroup): Named {
  const counters = state.counters!;
  const at = () => state.present("L3").map((domain) => `${domain}=${group.counters.has(domain) ? "e" : "_"}`);
  return {
    ...{ name: "mbm_L3_assignments", mode: 0o644, read: () => `${EVENT}:${at().join(";")}\n` },
    write: (text) => {
      const lines = line(text, "mbm_L3_assignments", state);
      writeAssignments(lines, { counters, status: state.status, group, domains: state.present("L3") });
    },
  };
}

/** At mount and at mkdir: as many as there are, and a text for each that there is not. */
export function assignEverywhere(state: PlainState, group: PlainGroup): void {
  const { counters, status } = state;
  if (!counters || !state.assignOnMkdir) return;
  for (const domain of state.present("L3")) assign({ counters, status, group }, domain);
}

/** Files of one directory of mon_data. */
export function monitorFiles(state: PlainState, group: PlainGroup, domain: number): Named[] {
  const readers = group.type === "control" ? () => [group, ...group.children] : () => [group];
  const file = (name: string, read: () => string): Named => ({ name, mode: 0o444, never: true, read });
  const lines = () => readers().reduce((sum, one) => sum + state.occupancyOf(domain, one.closid, one.rmid), 0);
  const counted = () => readers().some((one) => state.counters!.counts(one, domain));
  return [
    ...(state.shape.occupancy ? [file("llc_occupancy", () => `${lines()}\n`)] : []),
    ...(state.counters ? [file(EVENT, () => (counted() ? "0\n" : "Unassigned\n"))] : []),
  ];
}
