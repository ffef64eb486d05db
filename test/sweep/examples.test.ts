// The examples of sweeps on clusters: the script of Slurm runs with a stand-in that runs arrays here, and manifests say words that
// mpam knows.

import { execFile } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { type Command, CommanderError } from "commander";
import { afterAll, expect, test } from "vitest";
import { parseAllDocuments } from "yaml";
import { program } from "../../src/cli/commands.ts";
import { COMMAND, mpam } from "../helpers/command-line.ts";
import { ROOT } from "../helpers/fuse/mounts.ts";

const EXAMPLES = join(ROOT, "examples/sweeps");
const folder = mkdtempSync(join(tmpdir(), "mpam-slurm-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** Runs what it is given at once: each task of an array, or the command of --wrap; answers the job's number. */
const SBATCH = `#!/bin/bash
set -u
array= wrap= script=
for word; do
  case "$word" in
    --array=*) array="\${word#--array=}" ;;
    --wrap=*) wrap="\${word#--wrap=}" ;;
    --dependency=*) [ "$word" = --dependency=afterany:42 ] || exit 3 ;;
    --*) ;;
    *) script="$word" ;;
  esac
done
echo 42
if [ -n "$wrap" ]; then bash -c "$wrap" >&2; exit; fi
for i in $(seq "\${array%-*}" "\${array#*-}"); do SLURM_ARRAY_TASK_ID=$i bash "$script" >&2; done
`;

test("slurm.sh runs a plan as an array and merges it, to the bytes of one sweep", { timeout: 120_000 }, async () => {
  const bin = join(folder, "bin");
  mkdirSync(bin);
  const put = (name: string, text: string) => {
    writeFileSync(join(bin, name), text);
    chmodSync(join(bin, name), 0o755);
  };
  put("sbatch", SBATCH);
  put("mpam", `#!/bin/bash\nexec '${process.execPath}' '${COMMAND}' "$@"\n`);
  // A folder with a space and a plan with an apostrophe, as people have them.
  const there = join(folder, "a b");
  mkdirSync(there);
  const plan = join(there, "it's.yaml");
  writeFileSync(
    plan,
    `traces: [{ name: pair, files: ["synth:zipf,ws=1M,n=5k", "synth:stream,ws=1M,n=5k"], groups: [a=trace:1, b=trace:2] }]
platforms: [one-socket]
configurations: [{ name: cut, vary: [{ portions: L3, of: a, values: [1, 2, 4] }] }]
goals: [{ highest: hit rate, of: a }]
`,
  );
  const env = { ...process.env, PATH: `${bin}:${process.env.PATH}`, PLAN: plan, N: "2", STORE: join(there, "array") };
  await promisify(execFile)("bash", [join(EXAMPLES, "slurm.sh")], { env, cwd: there });
  await mpam("sweep", plan, "--store", join(there, "whole"), "-q");
  const [array, whole] = ["array", "whole"].map((store) => readFileSync(join(there, store, "sweep.json"), "utf8"));
  expect(array).toBe(whole);
  expect(readFileSync(join(there, "array/answer.html"), "utf8")).toContain("<html");
});

/** Every command of a manifest that begins with mpam, as words. */
function commandsIn(value: unknown): string[][] {
  if (Array.isArray(value) && value[0] === "mpam") return [value as string[]];
  if (typeof value === "string" && /^(exec )?mpam /.test(value)) {
    return [
      value
        .replace(/^exec /, "")
        .replaceAll('"', "")
        .split(" "),
    ];
  }
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(commandsIn) : [];
}

function refused(words: readonly string[]): string | undefined {
  const mpam = program("0");
  const quieten = (command: Command): void => {
    command.configureOutput({ writeErr: () => {}, writeOut: () => {} }).action(() => {});
    for (const one of command.commands) quieten(one);
  };
  for (const one of mpam.commands) quieten(one);
  try {
    mpam.parse(words, { from: "user" });
    return undefined;
  } catch (error) {
    if (error instanceof CommanderError) return error.message;
    throw error;
  }
}

test.each(["kubernetes-job.yaml", "kubernetes-queue.yaml"])("%s says words that mpam knows", (name) => {
  const documents = parseAllDocuments(readFileSync(join(EXAMPLES, name), "utf8"));
  expect(documents.flatMap(({ errors }) => errors)).toEqual([]);
  const manifests = documents.map((document) => document.toJS());
  for (const manifest of manifests)
    expect(manifest).toMatchObject({ apiVersion: expect.any(String), kind: expect.any(String) });
  const commands = commandsIn(manifests);
  expect(commands).toHaveLength(1);
  for (const [, ...words] of commands) expect(refused(words)).toBeUndefined();
  expect(refused(["sweep", "unit", "--plan", "p", "--index", "1", "--indx", "1"])).toContain("--indx");
});
