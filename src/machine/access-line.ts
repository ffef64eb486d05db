// A register access as one line that a person can read.

import type { FieldAccess, RegisterAccess } from "./access-log.ts";

/**
 * `12.000 us  msc 0 ns  write MPAMCFG_CMAX  CMAX 0xffff -> 0x3fff  (driver)`. Fields that hold 0 and stay so are left out. Where a field
 * does not take what is written, what it reads as follows. An error that the access caused stands at the end.
 */
export function formatAccess(access: RegisterAccess): string {
  const { time, msc, space, register, by, error } = access;
  const parts = [
    `${(time / 1000).toFixed(3)} us`,
    `msc ${msc} ${space}`,
    `${access.access.padEnd(5)} ${register}`,
    contents(access),
    `(${by})`,
  ];
  if (error) {
    const where = [`PARTID_MON ${error.partidOrMon}`, `PMG ${error.pmg}`, `RIS ${error.ris}`].join(", ");
    parts.push(`error ${error.code} ${error.name}, ${where}${error.overwrote ? ", another is lost" : ""}`);
  }
  return parts.join("  ");
}

function contents({ fields, value, old, now }: RegisterAccess): string {
  const entries = Object.entries(fields);
  if (entries.length === 0) return describe({ value, ...(old === undefined || now === undefined ? {} : { old, now }) });
  const told = entries.filter(([, one]) => one.value !== 0 || (one.old ?? 0) !== 0 || (one.now ?? 0) !== 0);
  return told.map(([name, one]) => `${name} ${describe(one)}`).join(", ") || "0";
}

function describe({ value, old, now }: FieldAccess): string {
  const written = old === undefined || old === value ? number(value) : `${number(old)} -> ${number(value)}`;
  return now === undefined || now === value ? written : `${written} (reads ${number(now)})`;
}

function number(value: number): string {
  return value < 10 ? String(value) : `0x${value.toString(16)}`;
}
