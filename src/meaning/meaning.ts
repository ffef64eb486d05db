// What a register or a field is for, in a line of plain words, and what a reader has to know before touching it.

/** Where a register stands in a list for people. */
export type RegisterGroup = "identification" | "selectors" | "configuration" | "monitors" | "errors and interrupts";

/** Which selection decides what a register shows: that of MPAMCFG_PART_SEL or that of MSMON_CFG_MON_SEL. */
export type Selection = "none" | "ris" | "partid" | "ris and partid" | "monitor" | "32 monitors";

/** By bit masks of the register: what it can do at most. Where the part decides, `access` is what the fullest part allows. */
export type AccessKind = "RO" | "RW" | "WO";

export interface FieldsMeaning {
  /** One line, 100 characters at most. */
  readonly meaning: string;
  readonly fields: Readonly<Record<string, string>>;
  /** Words for values of a field: by position from 0, or by value where there are gaps. */
  readonly values?: Readonly<Record<string, readonly string[] | Readonly<Record<number, string>>>>;
  /** Fields that software cannot change although it can change others. */
  readonly fixed?: readonly string[];
}

export interface RegisterMeaning extends FieldsMeaning {
  readonly group: RegisterGroup;
  readonly access: AccessKind;
  readonly selection: Selection;
  /** What a write does besides changing what reads back. */
  readonly written?: string;
}

export type RegisterMeanings = Readonly<Record<string, RegisterMeaning>>;
