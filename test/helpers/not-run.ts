// Tests that this host cannot run are said in words, with the reason.

import { test } from "vitest";

/** A skipped test that says so where there is a reason; nothing otherwise. */
export function sayNotRun(what: string, why: string | undefined): void {
  if (why !== undefined) test.skip(`NOT RUN: ${what}, because ${why}`, () => undefined);
}
