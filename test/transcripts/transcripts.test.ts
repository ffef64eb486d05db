// Shell sessions on the tree in memory. The same files run on a real mount: on-mount.ts.

import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { runInMemory } from "./in-memory.ts";
import { parseTranscript } from "./transcript.ts";

const folder = new URL(".", import.meta.url);
const files = readdirSync(folder).filter((name) => name.endsWith(".txt"));

test("there are sessions to look at", () => {
  expect(files.length).toBeGreaterThanOrEqual(20);
});

test.each(files)("%s", async (file) => {
  const transcript = parseTranscript(readFileSync(new URL(file, folder), "utf8"), file);
  const printed = await runInMemory(transcript);
  const session = (which: "expected" | "printed") =>
    printed.map((one) => `${file}:${one.command}\n${one[which]}`).join("");
  expect(session("printed")).toBe(session("expected"));
});
