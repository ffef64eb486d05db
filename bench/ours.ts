// Our contestants: the only file of bench/ that knows what the module exports.
import type { Contestant } from "./harness.ts";
import type { AccountingCase, AccountingColumns, CacheCase, CacheColumns } from "./workload.ts";

export async function openAccounting(
  _c: AccountingCase,
  _columns: AccountingColumns,
  _armed: number,
  _name: string,
): Promise<Contestant> {
  throw new Error("no module yet");
}

export async function openCache(_c: CacheCase, _columns: CacheColumns, _name: string): Promise<Contestant> {
  throw new Error("no module yet");
}
