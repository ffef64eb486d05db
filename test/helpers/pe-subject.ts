// What tests of the processor side ask of whoever answers: the hardware, and the plain model beside it.

/** What a cpu has, as the keys of docs/modelled.md, "The processor side", say it; all of them filled in. */
export interface PeProfile {
  readonly version: "none" | "0.1" | "1.0" | "1.1";
  readonly partidMax: number;
  readonly pmgMax: number;
  readonly el2: boolean;
  readonly el3: boolean;
  readonly vpmrMax: number | "none";
  readonly tidr: boolean;
  readonly sdeflt: boolean;
  readonly forceNs: "none" | "rw" | "rao";
  readonly rme: boolean;
  readonly sme: boolean;
  readonly bandwidth:
    | "none"
    | { readonly bwaWd: number; readonly maxLim: "both" | "soft" | "hard"; readonly hwScale: boolean };
  readonly firmware: { readonly enables: boolean; readonly traps: boolean };
  readonly unpredictable: {
    readonly reset: "zero" | "ones";
    readonly virtual: "default" | "zero" | "wrap";
    readonly physical: "zero" | "max";
    readonly pmg: "zero" | "max";
    readonly pmgOfError: "keep" | "zero";
    readonly phyPartid: "full" | "narrow";
    readonly streaming: "mpamsm" | "el";
    readonly altspFrcd: "any" | "forced";
  };
}

export type ExceptionLevel = 0 | 1 | 2 | 3;

export type RequestKind = "data" | "fetch" | "streaming" | "nv2";

/** op0 [15:14], op1 [13:11], CRn [10:7], CRm [6:3], op2 [2:0], as the instruction has them. */
export type Encoding = number;

export type PeAccess =
  | { readonly outcome: "done"; readonly value: bigint }
  | { readonly outcome: "undefined" }
  /** `iss` with Rt = 0. */
  | { readonly outcome: "trap"; readonly to: 2 | 3; readonly ec: number; readonly iss: number }
  /** By NV2, to this offset of the page that VNCR_EL2 names. */
  | { readonly outcome: "memory"; readonly offset: number };

export interface PeLabel {
  readonly space: "ns" | "s" | "rt" | "rl";
  readonly partid: number;
  readonly pmg: number;
  readonly flawed: boolean;
}

export interface PeLimit {
  /** Bytes a second as a share of the whole, 16.16. */
  readonly max: number;
  readonly hard: boolean;
  /** The number of cpus that use a PARTID may lower it. */
  readonly scaled: boolean;
}

/** One cpu. */
export interface PeSubject {
  /** As boot firmware leaves it. */
  boot(): void;
  /** As a reset leaves it, before any software has run. */
  reset(): void;
  /** Of a write, the value of "done" is the one written. The security state is that of SCR_EL3. */
  read(encoding: Encoding, el: ExceptionLevel): PeAccess;
  write(encoding: Encoding, value: bigint, el: ExceptionLevel): PeAccess;
  label(el: ExceptionLevel, kind: RequestKind): PeLabel;
  limit(el: ExceptionLevel, kind: RequestKind): PeLimit | undefined;
}

export interface PeImplementation {
  readonly name: string;
  create(profile: PeProfile): Promise<PeSubject>;
}
