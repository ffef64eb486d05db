// Sessions that were compared with a real mount, in the shell of the page, on the tree as its worker offers it.

import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { Driver } from "../../../src/driver/index.ts";
import { Resctrl } from "../../../src/fs/index.ts";
import { Machine } from "../../../src/machine/index.ts";
import { loadPlatform } from "../../../src/platform/index.ts";
import { FileCalls } from "../../../src/web/engine/file-calls.ts";
import { Shell } from "../../../src/web/panels/shell/shell.ts";
import { asPrinted, parseTranscript, type Transcript } from "../../transcripts/transcript.ts";

const folder = new URL("../../transcripts/", import.meta.url);

/** What this shell has not: descriptors that stay open, modes, programs by path. */
const FOREIGN = /\bexec\b|chmod|stat -c|\btest -|\/bin\/|<&|&-|mkdir -m|head -c/;

function isPlain({
  interface: kind,
  options,
  expert,
  profile,
  proposed,
  compat,
  replay,
  script,
  refused,
  steps,
}: Transcript): boolean {
  const special = [options, profile, proposed, compat, refused, script, ...replay].some(
    (one) => one !== undefined && one !== "",
  );
  const plain = steps.every((step) => "command" in step && !FOREIGN.test(step.command));
  return kind === "resctrl" && !expert && !special && plain;
}

const transcripts = readdirSync(folder)
  .filter((name) => name.endsWith(".txt"))
  .map((name) => ({ name, transcript: parseTranscript(readFileSync(new URL(name, folder), "utf8"), name) }))
  .filter(({ transcript }) => isPlain(transcript));

test("there are sessions to look at", () => {
  expect(transcripts.length).toBeGreaterThanOrEqual(8);
});

test.each(transcripts)("$name", async ({ transcript }) => {
  const platform = await loadPlatform(new URL(`../../../platforms/${transcript.platform}.yaml`, import.meta.url));
  const tree = await Resctrl.mount(await Driver.probe(await Machine.create(platform)));
  const calls = new FileCalls(
    tree,
    () => {},
    async () => {},
  );
  let printed = "";
  const terminal = {
    // As in a pipe: one name a line.
    columns: 1,
    clear: () => {},
    print: (text: string, kind: string) => {
      if (kind !== "note") printed += text;
    },
  };
  const shell = new Shell(calls, terminal, "bash");
  for (const step of transcript.steps) {
    if (!("command" in step)) continue;
    printed = "";
    await shell.run(step.command);
    // Transcripts have the quotes of the C locale.
    expect({ command: step.command, printed: asPrinted(printed.replace(/[‘’]/g, "'")) }).toEqual({
      command: step.command,
      printed: step.expected,
    });
  }
});
