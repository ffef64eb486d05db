// Reads all registers that a list shows, a few times a second, and says which have changed.

import { MPAMF_PARTID_NRW_IDR } from "../../../../assembly/regs/offsets.ts";
import { identityOffsets, readIdentity, registersThere } from "../../../meaning/index.ts";
import type { Space } from "../../../platform/index.ts";
import type { Engine, MscView } from "../../engine/protocol.ts";
import { type Choice, hiddenBecause, type Known, monitorsOf, monSelOf, partSelOf } from "./choice.ts";
import { type Row, rowsOf } from "./rows.ts";

export type RegisterCalls = Pick<Engine, "readSelected" | "writeSelected">;

export interface Reading {
  readonly value: bigint;
  /** It was another one when it was last read under the same selection. */
  readonly changed: boolean;
}

/** By name; absent: hidden, or never to be read. */
export type Readings = ReadonlyMap<string, Reading>;

/** What the ID registers of an MSC say in a space. Throws an Error for what cannot be read. */
export async function know(engine: RegisterCalls, msc: MscView, space: Space): Promise<Known> {
  const identities = new Map<number, ReturnType<typeof readIdentity>>();
  let intPartidMax = 0;
  for (const ris of msc.ris) {
    const offsets = [...identityOffsets, MPAMF_PARTID_NRW_IDR];
    const words = await read(engine, { msc: msc.msc, space, partSel: ris << 24, offsets });
    identities.set(ris, readIdentity(words));
    intPartidMax = (words.at(-1) ?? 0) & 0xffff;
  }
  return { msc, space, identities, intPartidMax };
}

export function rowsFor(known: Known, ris: number): Row[] {
  const of = known.identities.get(ris);
  return of ? rowsOf(registersThere(of, [...known.identities.values()], known.space)) : [];
}

type Request = Parameters<RegisterCalls["readSelected"]>[0];

async function read(engine: RegisterCalls, request: Request): Promise<readonly number[]> {
  const reply = await engine.readSelected(request);
  if (!reply.ok) throw new Error(reply.message);
  return reply.value;
}

/** The selectors that a register needs, as they have to be set for it. */
function selectorsFor({ meaning }: Row, choice: Choice, known: Known): Partial<Request> {
  const { selection } = meaning;
  if (selection === "none") return {};
  if (selection === "monitor" || selection === "32 monitors") return { monSel: monSelOf(choice) };
  // Only what there is to select is selected: an MSC without controls has no selector for them.
  return hasControls(choice, known) ? { partSel: partSelOf(choice) } : {};
}

function hasControls({ ris }: Choice, known: Known): boolean {
  const there = known.identities.get(ris);
  return (
    there !== undefined && registersThere(there, [...known.identities.values()], known.space).has("MPAMCFG_PART_SEL")
  );
}

/** @param before what was read last under the same selection. */
export async function readAll(
  engine: RegisterCalls,
  rows: readonly Row[],
  choice: Choice,
  known: Known,
  before: Readings = new Map(),
): Promise<Readings> {
  const of = known.identities.get(choice.ris);
  const shown = rows.filter(
    ({ register, meaning }) => meaning.access !== "WO" && !hiddenBecause(register.name, choice, of),
  );
  const { csu, mbwu } = monitorsOf(of);
  const readings = new Map<string, Reading>();
  const batch = async (some: readonly Row[]) => {
    const [first] = some;
    if (!first) return;
    const offsets = some.flatMap((row) => row.offsets);
    const request = { msc: choice.msc, space: choice.space, ...selectorsFor(first, choice, known), offsets };
    const words = [...(await read(engine, request))];
    for (const { name, offsets } of some) {
      const [low = 0, high = 0] = words.splice(0, offsets.length);
      const value = (BigInt(high) << 32n) | BigInt(low);
      const last = before.get(name);
      readings.set(name, { value, changed: last !== undefined && last.value !== value });
    }
  };
  const by = (...selections: string[]) => shown.filter(({ meaning }) => selections.includes(meaning.selection));
  await batch(by("none"));
  await batch(by("ris", "partid", "ris and partid"));
  if (csu + mbwu > 0) await batch(by("monitor", "32 monitors"));
  return readings;
}

/** Writes one word. Answers why not, if so. */
export async function write(
  engine: RegisterCalls,
  row: Row,
  word: number,
  value: number,
  choice: Choice,
  known: Known,
): Promise<string | undefined> {
  const { msc, space } = choice;
  const offset = row.offsets[word] as number;
  const reply = await engine.writeSelected({ msc, space, ...selectorsFor(row, choice, known), offset, value });
  return reply.ok ? undefined : reply.message;
}
