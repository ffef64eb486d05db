/** One cpu of the plain model: written from the register reference and docs/modelled.md, slow and obvious. */
import type {
  Encoding,
  ExceptionLevel,
  PeAccess,
  PeImplementation,
  PeLabel,
  PeLimit,
  PeProfile,
  PeSubject,
  RequestKind,
} from "../../pe-subject.ts";
import { decide } from "./access.ts";
import { FIELDS, type Field } from "./fields.ts";
import { labelOf } from "./label.ts";
import { limitOf } from "./limit.ts";
import { el1UsesAlternative, el2UsesAlternative, forcedByEl3 } from "./space.ts";
import { PeState } from "./state.ts";

export class PlainPe implements PeSubject {
  readonly state: PeState;

  constructor(state: PeState) {
    this.state = state;
  }

  boot(): void {
    this.state.boot();
  }

  reset(): void {
    this.state.reset();
  }

  read(encoding: Encoding, el: ExceptionLevel): PeAccess {
    const decision = decide(this.state, encoding, el, "read");
    if (decision.outcome !== "made") return decision;
    return { outcome: "done", value: this.#valueOf(decision.register) };
  }

  write(encoding: Encoding, value: bigint, el: ExceptionLevel): PeAccess {
    const decision = decide(this.state, encoding, el, "write");
    if (decision.outcome !== "made") return decision;
    this.state.write(decision.register, value);
    return { outcome: "done", value };
  }

  label(el: ExceptionLevel, kind: RequestKind): PeLabel {
    return labelOf(this.state, el, kind);
  }

  limit(el: ExceptionLevel, kind: RequestKind): PeLimit | undefined {
    return limitOf(this.state, el, kind);
  }

  #valueOf(register: string): bigint {
    let value = 0n;
    for (const field of FIELDS[register]!) value += BigInt(this.#shown(register, field)) << BigInt(field.low);
    return value;
  }

  /** What a read shows in a field. */
  #shown(register: string, field: Field): number {
    const { state } = this;
    const { profile } = state;
    if (field.has && !field.has(profile)) return 0;
    if (!field.shows?.(profile)) return state.stored(register, field.name);
    switch (`${register}.${field.name}`) {
      case "MPAM1_EL1.MPAMEN":
      case "MPAM2_EL2.MPAMEN":
        return state.stored(state.highest(), "MPAMEN");
      case "MPAM1_EL1.FORCED_NS":
        return state.stateBelowEl3() === "secure" ? state.field("MPAM3_EL3", "FORCE_NS") : 0;
      case "MPAM1_EL1.ALTSP_FRCD":
        return el1UsesAlternative(state) ? 1 : 0;
      case "MPAM2_EL2.ALTSP_FRCD": {
        const shows = profile.unpredictable.altspFrcd === "any" ? el2UsesAlternative(state) : forcedByEl3(state);
        return shows ? 1 : 0;
      }
      default:
        throw new Error(`${register}.${field.name} shows nothing that the plain model knows`);
    }
  }
}

export const plainPe: PeImplementation = {
  name: "plain model",
  create: async (profile: PeProfile) => new PlainPe(new PeState(profile)),
};
