/** A 32-bit word of the page of one bank. A register that is only read ignores what is written. */
export interface Register {
  readonly offset: number;
  readonly read: () => number;
  readonly write?: (value: number) => void;
}
