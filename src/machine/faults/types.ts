// Ways to break a machine on purpose (docs/firmware.md, "Faults").

/** Monitors that are never ready: those of a RIS, of a number, of a type, or all. */
export interface NrdyStuck {
  readonly kind: "nrdy-stuck";
  readonly msc: number;
  readonly ris?: number;
  readonly mon?: number;
  readonly type?: "csu" | "mbwu";
}

/** The next `times` (1) writes of a register do nothing. */
export interface WriteLost {
  readonly kind: "write-lost";
  readonly msc: number;
  /** A name as `machine.log` takes it. */
  readonly register: string;
  readonly times?: number;
}

/** Reads have `value` in the bits of `mask` (all). */
export interface RegisterStuck {
  readonly kind: "register-stuck";
  readonly msc: number;
  readonly register: string;
  readonly value: number;
  readonly mask?: number;
}

/** The error line is raised and lowered, at once and `times` - 1 (0) more times. */
export interface ErrorInterrupt {
  readonly kind: "error-interrupt";
  readonly msc: number;
  /** An ERRCODE that MPAMF_ESR then has; 0 (default) records nothing. */
  readonly code?: number;
  readonly everyNs?: number;
  readonly times?: number;
}

/** The next `times` (all) messages of a mailbox are answered late, not at all, or wrongly. */
export interface MailboxFault {
  readonly kind: "mailbox";
  readonly subspace: number;
  readonly how: "slow" | "silent" | "corrupt";
  /** Of `slow`: how much later. */
  readonly ns?: number;
  /** Of `corrupt`: what of the answer; the token unless it says otherwise. */
  readonly what?: "token" | "status" | "busy";
  readonly times?: number;
}

/** An MSC that is not there any more. */
export interface MscGone {
  readonly kind: "msc-gone";
  readonly msc: number;
  /** What reads give; `abort`: reads and writes throw EIO. */
  readonly reads?: "ones" | "zeros" | "abort";
}

/** A way to break a machine. */
export type Fault = NrdyStuck | WriteLost | RegisterStuck | ErrorInterrupt | MailboxFault | MscGone;

/** A fault in force. */
export interface FaultHandle {
  readonly fault: Fault;
  /** How often it has acted. */
  readonly fired: number;
  /** Ends it. What has ended already stays so. */
  remove(): void;
}
