// The stream table in memory, with what its entries lead to, and what the SMMU has read of it. A change in memory shows when
// what was read has been invalidated: everything is cached that may be (IHI 0070, 4.3, 5.6.2).

import { ErrnoError } from "../../errno/index.ts";
import type { SmmuDescription, StreamDescription, StreamSpace } from "../../platform/index.ts";
import {
  CD_PARTID,
  CD_PMG,
  CD_V,
  CONFIGS,
  getField,
  mapEntry,
  S1DSS,
  STE_CONFIG,
  STE_MPAM_NS,
  STE_PARTID,
  STE_PMG,
  STE_S1CDMAX,
  STE_S1DSS,
  STE_S1MPAM,
  STE_S2VMID,
  STE_V,
  STE_VMSPTR,
  WORDS,
  type Words,
  wordsOf,
} from "./words.ts";

/** A structure in memory, word by word. */
export interface WordAccess {
  /** The word at this index, 64 bits. */
  read(word: number): bigint;
  /** Shows when the SMMU has been told to forget what it read before. EINVAL for what is no word of 64 bits. */
  write(word: number, value: bigint): void;
}

/** Commands that end the use of what was read. */
export type SmmuCommand =
  | { readonly op: "CFGI_STE"; readonly sid: number; readonly space?: StreamSpace }
  /** 2^(range + 1) streams from a multiple of that on. */
  | { readonly op: "CFGI_STE_RANGE"; readonly sid: number; readonly range: number; readonly space?: StreamSpace }
  | { readonly op: "CFGI_CD"; readonly sid: number; readonly ssid: number; readonly space?: StreamSpace }
  | { readonly op: "CFGI_CD_ALL"; readonly sid: number; readonly space?: StreamSpace }
  | { readonly op: "CFGI_VMS_PIDM"; readonly vmid: number; readonly space?: StreamSpace }
  | { readonly op: "CFGI_ALL"; readonly space?: StreamSpace };

const NOTHING: Words = new Array<bigint>(WORDS).fill(0n);

interface CachedStream {
  readonly ste: Words;
  readonly cds: Map<number, Words>;
  map?: Words;
}

type Saved = readonly (readonly [key: string, words: readonly string[]])[];

export interface StructuresState {
  readonly memory: Saved;
  readonly cached: readonly {
    readonly stream: string;
    readonly ste: readonly string[];
    readonly cds: readonly (readonly [ssid: number, words: readonly string[]])[];
    readonly map?: readonly string[];
  }[];
  readonly maps: Saved;
}

const steKey = (space: StreamSpace, sid: number) => `ste ${space} ${sid}`;
const cdKey = (space: StreamSpace, sid: number, ssid: number) => `cd ${space} ${sid} ${ssid}`;
const vmsKey = (space: StreamSpace, page: number) => `vms ${space} ${page}`;

export class Structures {
  /** What software has written; what nobody wrote is 0. */
  readonly #memory = new Map<string, bigint[]>();
  /** What the SMMU has read, by stream. */
  readonly #cached = new Map<string, CachedStream>();
  /** PARTID_MAPs that it has read, by VMID. */
  readonly #maps = new Map<string, Words>();

  constructor({ streams }: SmmuDescription, state?: StructuresState) {
    if (state) {
      for (const [key, words] of state.memory) this.#memory.set(key, parse(words));
      for (const { stream, ste, cds, map } of state.cached) {
        const read = new Map(cds.map(([ssid, words]) => [ssid, parse(words)]));
        this.#cached.set(stream, { ste: parse(ste), cds: read, ...(map ? { map: parse(map) } : {}) });
      }
      for (const [key, words] of state.maps) this.#maps.set(key, parse(words));
      return;
    }
    // Boot software has used what it wrote: all of it is in the caches.
    for (const stream of streams) this.#boot(stream);
    for (const stream of streams) {
      const { sid, space, substreams } = stream;
      for (const { ssid } of substreams) this.cd(sid, space, ssid);
      this.partidMap(sid, space);
    }
  }

  #boot(stream: StreamDescription): void {
    const { sid, space, config, substreams, vms, vmid } = stream;
    const highest = Math.max(0, ...substreams.map(({ ssid }) => ssid));
    const nested = config === "nested" && stream.s1mpam;
    // A page for each VM, in memory that nobody else looks at.
    const page = nested ? vmid + 1 : 0;
    this.#memory.set(
      steKey(space, sid),
      wordsOf(
        [STE_V, 1],
        [STE_CONFIG, config === "abort" ? 0 : CONFIGS[config]],
        [STE_S1CDMAX, Math.ceil(Math.log2(highest + 1))],
        [STE_S1DSS, S1DSS[stream.s1dss]],
        [STE_S1MPAM, Number(stream.s1mpam)],
        [STE_S2VMID, vmid],
        [STE_PARTID, stream.partid],
        [STE_PMG, stream.pmg],
        [STE_MPAM_NS, Number(stream.mpamNs)],
        [STE_VMSPTR, page],
      ),
    );
    for (const { ssid, partid, pmg } of substreams) {
      this.#memory.set(cdKey(space, sid, ssid), wordsOf([CD_V, 1], [CD_PARTID, partid], [CD_PMG, pmg]));
    }
    if (nested) {
      this.#memory.set(vmsKey(space, page), wordsOf(...vms.map((partid, i) => [mapEntry(i), partid] as const)));
    }
  }

  // Software's side.

  steAccess(sid: number, space: StreamSpace): WordAccess {
    return this.#access(steKey(space, sid));
  }

  cdAccess(sid: number, space: StreamSpace, ssid: number): WordAccess {
    return this.#access(cdKey(space, sid, ssid));
  }

  /** The VMS at an address, which STE.VMSPtr has in its bits 55:12. */
  vmsAccess(address: number, space: StreamSpace): WordAccess {
    if (!Number.isSafeInteger(address) || address < 0 || address % 4096 !== 0) {
      throw new ErrnoError("EINVAL", `a VMS at ${address}: a multiple of 4096 is allowed`);
    }
    return this.#access(vmsKey(space, address / 4096));
  }

  #access(key: string): WordAccess {
    const check = (word: number) => {
      if (Number.isInteger(word) && word >= 0 && word < WORDS) return;
      throw new ErrnoError("EINVAL", `word ${word}: 0 to ${WORDS - 1} are there`);
    };
    return {
      read: (word) => {
        check(word);
        return this.#memory.get(key)?.[word] ?? 0n;
      },
      write: (word, value) => {
        check(word);
        if (BigInt.asUintN(64, value) !== value) throw new ErrnoError("EINVAL", `${value} is no word of 64 bits`);
        const words = this.#memory.get(key) ?? [...NOTHING];
        words[word] = value;
        this.#memory.set(key, words);
      },
    };
  }

  invalidate(command: SmmuCommand): void {
    const space = command.space ?? "ns";
    if (command.op === "CFGI_VMS_PIDM") {
      this.#maps.delete(`${space} ${command.vmid}`);
    } else if (command.op === "CFGI_CD" || command.op === "CFGI_CD_ALL") {
      const cds = this.#cached.get(steKey(space, command.sid))?.cds;
      if (command.op === "CFGI_CD_ALL") cds?.clear();
      else cds?.delete(command.ssid);
    } else if (command.op === "CFGI_STE") {
      this.#cached.delete(steKey(space, command.sid));
    } else {
      const all = command.op === "CFGI_ALL";
      const span = all ? 2 ** 32 : 2 ** (command.range + 1);
      const first = all ? 0 : Math.floor(command.sid / span) * span;
      const prefix = steKey(space, 0).slice(0, -1);
      for (const key of [...this.#cached.keys()]) {
        if (!key.startsWith(prefix)) continue;
        const sid = Number(key.slice(prefix.length));
        if (sid >= first && sid < first + span) this.#cached.delete(key);
      }
      if (all) for (const key of [...this.#maps.keys()]) if (key.startsWith(`${space} `)) this.#maps.delete(key);
    }
  }

  // The SMMU's side: what was read before, else what memory has.

  ste(sid: number, space: StreamSpace): Words {
    return this.#stream(sid, space).ste;
  }

  cd(sid: number, space: StreamSpace, ssid: number): Words {
    const { cds } = this.#stream(sid, space);
    const known = cds.get(ssid);
    if (known) return known;
    const words = this.#fetch(cdKey(space, sid, ssid));
    cds.set(ssid, words);
    return words;
  }

  /** PARTID_MAP of the VMS of a stream. It is cached by stream, and by VMID behind that. */
  partidMap(sid: number, space: StreamSpace): Words {
    const stream = this.#stream(sid, space);
    if (stream.map) return stream.map;
    const key = `${space} ${getField(stream.ste, STE_S2VMID)}`;
    const page = Number((stream.ste[STE_VMSPTR.word] as bigint) >> 12n) % 2 ** 44;
    const map = this.#maps.get(key) ?? this.#fetch(vmsKey(space, page));
    this.#maps.set(key, map);
    stream.map = map;
    return map;
  }

  #stream(sid: number, space: StreamSpace): CachedStream {
    const key = steKey(space, sid);
    const known = this.#cached.get(key);
    if (known) return known;
    const stream = { ste: this.#fetch(key), cds: new Map<number, Words>() };
    this.#cached.set(key, stream);
    return stream;
  }

  #fetch(key: string): Words {
    return [...(this.#memory.get(key) ?? NOTHING)];
  }

  save(): StructuresState {
    return {
      memory: [...this.#memory].map(([key, words]) => [key, words.map(show)]),
      cached: [...this.#cached].map(([stream, { ste, cds, map }]) => ({
        stream,
        ste: ste.map(show),
        cds: [...cds].map(([ssid, words]) => [ssid, words.map(show)] as const),
        ...(map ? { map: map.map(show) } : {}),
      })),
      maps: [...this.#maps].map(([key, words]) => [key, words.map(show)]),
    };
  }
}

const show = (word: bigint) => `0x${word.toString(16)}`;

/** Throws a TypeError for what is no structure. */
function parse(words: readonly string[]): bigint[] {
  if (words.length !== WORDS || !words.every((word) => /^0x[0-9a-f]{1,16}$/.test(word))) {
    throw new TypeError("these are not structures of an SMMU");
  }
  return words.map(BigInt);
}
