// Register pages while somebody watches: the same accesses with the same effects, and those who asked are told of each.

import {
  ESR_ERRCODE,
  ESR_HI_RIS,
  ESR_OVRWR,
  ESR_PARTID_MON,
  ESR_PMG,
  fieldGet,
  MPAMF_ESR,
} from "../../assembly/regs/index.ts";
import type { Space } from "../platform/index.ts";
import type { AccessLog, FieldAccess, RecordedError, RegisterAccess } from "./access-log.ts";
import { coalesce, type MscInterrupt } from "./interrupts.ts";
import { eachStaged } from "./layered-pages.ts";
import { type Caller, checkAccess, type Pages, type PagesHost } from "./pages.ts";
import { decodeFields, errorCodeName, type FieldMasks, registerWords } from "./registers.ts";
import { SPACE_NUMBERS, spaceNamed } from "./spaces.ts";

const ESR_HI = MPAMF_ESR + 4;

/** One access to be made. */
interface Access {
  readonly msc: number;
  readonly offset: number;
  readonly space: Space;
  readonly by: Caller;
  /** Absent for a read. */
  readonly value?: number;
}

interface Esr {
  readonly low: number;
  readonly high: number;
}

export class WatchedPages implements Pages {
  constructor(
    private readonly host: PagesHost,
    private readonly log: AccessLog,
  ) {}

  read32(msc: number, offset: number, space: Space, by: Caller): number {
    return this.#single({ msc, offset, space, by });
  }

  write32(msc: number, offset: number, value: number, space: Space, by: Caller): void {
    this.#single({ msc, offset, space, by, value: value >>> 0 });
  }

  /** One by one, with interrupts put together as if the host had looked once. */
  batch(operations: Uint32Array, count: number, by: Caller, made: () => void): void {
    const events: MscInterrupt[] = [];
    try {
      eachStaged(operations, count, (word) =>
        this.#make({ ...word, space: spaceNamed(word.space), by }, (raised) => events.push(...raised)),
      );
      made();
    } finally {
      this.host.queue(coalesce(events));
      this.#tell();
    }
  }

  #single(access: Access): number {
    checkAccess(this.host.mscs, access.msc, access.offset, access.space);
    try {
      return this.#make(access, (events) => this.host.queue(events));
    } finally {
      this.#tell();
    }
  }

  /** Interrupts go to their handlers; then whoever made the access hears of what handlers of either kind threw. */
  #tell(): void {
    if (this.log.telling || this.host.isQuiet()) return;
    try {
      this.host.tell();
    } finally {
      this.log.rethrow();
    }
  }

  /** `raised` takes the interrupts, before anybody is told of the access. */
  #make(access: Access, raised: (events: readonly MscInterrupt[]) => void): number {
    const { msc, offset, space } = access;
    const { by, cpu } = namesOf(access.by);
    const kind = access.value === undefined ? "read" : "write";
    const listeners = this.log.interested(msc, offset, space, kind, by);
    if (listeners.length === 0) {
      const value = this.#touch(access);
      raised(this.host.take());
      return value;
    }
    raised(this.host.take());
    const before = this.#esr(msc, space);
    const old = access.value === undefined ? undefined : this.#peek(access, before);
    const value = this.#touch(access);
    const events = this.host.take();
    raised(events);
    const after = this.#esr(msc, space);
    const now = access.value === undefined ? undefined : this.#peek(access, after);
    const error = errorOf(access, before, after, events);
    const word = registerWords().get(offset);
    this.log.tell(listeners, {
      time: this.host.now(),
      by,
      ...(cpu === undefined ? {} : { cpu }),
      msc,
      space,
      offset,
      register: word?.name ?? `0x${offset.toString(16).padStart(4, "0")}`,
      access: kind,
      value,
      ...(old === undefined || now === undefined ? {} : { old, now }),
      fields: fieldsOf(word?.fields ?? {}, value, old, now),
      ...(error ? { error } : {}),
    });
    return value;
  }

  #touch({ msc, offset, space, value }: Access): number {
    if (value === undefined) return this.host.registers.read32(msc, offset, SPACE_NUMBERS[space]);
    this.host.registers.write32(msc, offset, value, SPACE_NUMBERS[space]);
    return value;
  }

  #esr(msc: number, space: Space): Esr {
    const { hardware } = this.host;
    const number = SPACE_NUMBERS[space];
    return { low: hardware.read32(msc, MPAMF_ESR, number), high: hardware.read32(msc, ESR_HI, number) };
  }

  /** What the word holds. A look under a bad selector records an error and may raise an interrupt: both are taken back. */
  #peek({ msc, offset, space }: Access, esr: Esr): number {
    const { hardware, registers } = this.host;
    const number = SPACE_NUMBERS[space];
    const value = registers.peek32(msc, offset, number);
    const { low, high } = this.#esr(msc, space);
    if (low !== esr.low || high !== esr.high) {
      hardware.write32(msc, ESR_HI, esr.high, number);
      hardware.write32(msc, MPAMF_ESR, esr.low, number);
    }
    if (hardware.eventCount() !== 0) hardware.clearEvents();
    return value;
  }
}

function namesOf(caller: Caller): { readonly by: string; readonly cpu?: number } {
  if (typeof caller === "number") return { by: `cpu ${caller}`, cpu: caller };
  return typeof caller === "string" ? { by: caller } : caller;
}

/** Errors show as a change of MPAMF_ESR, or as a pulse where the same one was there already. */
function errorOf(
  { msc, offset, space }: Access,
  before: Esr,
  after: Esr,
  events: readonly MscInterrupt[],
): RecordedError | undefined {
  if (offset === MPAMF_ESR || offset === ESR_HI) return undefined;
  const pulse = events.some(
    (one) => one.kind === "error" && one.delivery !== "wire" && one.msc === msc && one.space === space,
  );
  if (before.low === after.low && before.high === after.high && !pulse) return undefined;
  const code = fieldGet(ESR_ERRCODE, after.low);
  return {
    code,
    name: errorCodeName(code),
    partidOrMon: fieldGet(ESR_PARTID_MON, after.low),
    pmg: fieldGet(ESR_PMG, after.low),
    ris: fieldGet(ESR_HI_RIS, after.high),
    overwrote: fieldGet(ESR_OVRWR, after.low) === 1,
  };
}

function fieldsOf(
  masks: FieldMasks,
  value: number,
  old: number | undefined,
  now: number | undefined,
): RegisterAccess["fields"] {
  const fields = Object.entries(decodeFields(masks, value));
  if (old === undefined || now === undefined) {
    return Object.fromEntries(fields.map(([name, one]): [string, FieldAccess] => [name, { value: one }]));
  }
  const [olds, nows] = [decodeFields(masks, old), decodeFields(masks, now)];
  return Object.fromEntries(
    fields.map(([name, one]): [string, FieldAccess] => [
      name,
      { value: one, old: olds[name] as number, now: nows[name] as number },
    ]),
  );
}
