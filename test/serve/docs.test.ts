// docs/serving.md says what there is: every command, every name of a counter, and replies as they come.

import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { Metrics } from "../../src/serve/index.ts";
import { LIMITS } from "../../src/serve/limits.ts";
import { LINE_BYTES } from "../../src/serve/lines.ts";
import { QTEST_COMMANDS } from "../../src/serve/qtest/connect.ts";
import { boardOf, speaker } from "./clients.ts";

const page = readFileSync(new URL("../../docs/serving.md", import.meta.url), "utf8");

/** The part under a heading. */
function part(heading: string): string {
  const [, text] = page.split(`\n## ${heading}\n`);
  if (text === undefined) throw new Error(`${heading} is no part of docs/serving.md`);
  return text.split("\n## ")[0] as string;
}

/** What stands in backticks in the first column of tables. */
const firstColumn = (text: string) =>
  [...text.matchAll(/^\| (`.*?) \|/gm)].flatMap(([, cell]) =>
    [...(cell as string).matchAll(/`([^`]+)`/g)].map(([, word]) => word as string),
  );

test("every command of qtest is told, and no other", () => {
  const told = new Set(
    firstColumn(part("qtest"))
      .map((line) => line.split(" ")[0] as string)
      .filter((name) => !["IRQ", "MSI"].includes(name)),
  );
  expect([...told].sort()).toEqual([...QTEST_COMMANDS.keys()].sort());
});

test("every counter is told, and no other", async () => {
  const board = await boardOf();
  await board.startReplay(["synth:stream,ws=1M,n=10"], { speed: 0 });
  await board.advance(1e6);
  const names = [...(await new Metrics(board).page()).matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name);
  // Where there are mailboxes.
  const told = firstColumn(part("Counters for Prometheus"));
  expect(told.toSorted()).toEqual([...names, "mpam_mailbox_interrupts_total"].sort());
  await board.close();
});

test("what is refused is refused in these words", async () => {
  const board = await boardOf();
  const [, dialogue = ""] = /```\n(readb [\s\S]*?)```/.exec(part("qtest")) ?? [];
  const lines = dialogue.trimEnd().split("\n");
  expect(lines).toHaveLength(4);
  for (let i = 0; i < lines.length; i += 2)
    expect(await speaker(board).says(lines[i] as string)).toEqual([lines[i + 1]]);
  await board.close();
});

test("limits are those that hold", () => {
  const limits = part("Limits");
  expect(limits).toContain(`| line | ${LINE_BYTES} bytes |`);
  expect(limits).toContain(`| connections | ${LIMITS.connections} at an address |`);
  expect(limits).toContain(`| unread | ${LIMITS.unreadBytes / 2 ** 20} MiB `);
  expect(limits).toContain(`| idle | ${LIMITS.idleMs / 3_600_000} hours `);
});
