// mpam trace record, with a program in the place of Valgrind that writes what lackey writes.
import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";

const COMMAND = new URL("../../dist/esm/cli.js", import.meta.url).pathname;

/** Three arguments of its own, then the command: prints it, writes a line of accesses for each word, and ends as the last word says. */
const FAKE = `#!/bin/sh
[ "$1 $2 $3" = "--tool=lackey --trace-mem=yes --log-fd=3" ] || exit 99
shift 3
echo "the command prints: $*"
[ "$1" = missing ] && { echo "valgrind: missing: command not found" >&3; exit 127; }
echo "==42== Command: $*" >&3
for word in "$@"; do
  echo "I  1000,4" >&3
  echo " L 2000,8" >&3
  last=$word
done
[ "$last" = endless ] && while echo " S 3000,4"; do :; done >&3
[ "$last" = killed ] && kill -9 $$
exit "$last"
`;

let folder = "";
let empty = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "mpam-"));
  empty = join(folder, "empty");
  await mkdir(empty);
  await writeFile(join(folder, "valgrind"), FAKE, { mode: 0o755 });
});
afterAll(() => rm(folder, { recursive: true }));

interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

function record(path: string, ...args: string[]): Promise<Ran> {
  const env = { ...process.env, PATH: path };
  return new Promise((resolve) => {
    execFile(process.execPath, [COMMAND, "trace", "record", ...args], { env }, (error, out, err) => {
      resolve({ code: typeof error?.code === "number" ? error.code : 0, out, err });
    });
  });
}

const withFake = () => `${folder}:/usr/bin:/bin`;

test("a command's accesses become a trace, and its exit code is told", async () => {
  const output = join(folder, "a.arrow");
  const { code, out } = await record(withFake(), "-o", output, "--", "./prog", "--word", "3");
  expect(code).toBe(0);
  expect(out).toMatch(/^the command prints: \.\/prog --word 3\n/);
  expect(out).toMatch(/\n\.\/prog ended with exit code 3\n$/);
  expect(out).toMatch(/prog\.lackey/);
  const json = await record(withFake(), "--json", "-o", output, "--", "./prog", "0");
  expect(json.err).toContain("the command prints: ./prog 0");
  expect(JSON.parse(json.out)).toMatchObject({
    exitCode: 0,
    signal: null,
    records: 4,
    threads: [{ pid: 42, tid: 42, reads: 2, bytesRead: 16, instructions: 2 }],
    requesters: [{ requester: { comm: "prog" } }],
  });
});

test("a command that is killed leaves the trace of what it did", async () => {
  const { code, out } = await record(withFake(), "-o", join(folder, "b.arrow"), "--", "prog", "killed");
  expect(code).toBe(0);
  expect(out).toMatch(/prog was ended by SIGKILL\n$/);
});

test("with --take the command is ended when that many accesses have come", async () => {
  const { code, out } = await record(
    withFake(),
    "--take",
    "50000",
    "-o",
    join(folder, "c.arrow"),
    "--",
    "prog",
    "endless",
  );
  expect(code).toBe(0);
  expect(out).toMatch(/c\.arrow: 50,00\d records/);
  expect(out).toMatch(/prog was ended by SIG(TERM|PIPE)\n$|prog ended with exit code \d+\n$/);
}, 30_000);

test("a command that cannot be run leaves nothing, and says how it ended", async () => {
  const before = await readdir(folder);
  const { code, err } = await record(withFake(), "-o", join(folder, "d.arrow"), "--", "missing");
  expect(code).toBe(1);
  expect(err).toMatch(/^mpam: .*missing\.lackey: .*no memory access found.*; missing ended with exit code 127\n$/);
  expect(await readdir(folder)).toEqual(before);
});

test("without Valgrind it says in one line what to install, or what to do elsewhere", async () => {
  const { code, err } = await record(empty, "-o", join(folder, "e.arrow"), "--", "ls");
  expect(code).toBe(1);
  expect(err).toMatch(/^mpam: valgrind is not installed here: .*apt install valgrind.*--log-file=a\.lackey.*\n$/);
});

test("a command is needed, behind --", async () => {
  expect((await record(withFake(), "-o", join(folder, "f.arrow"))).code).toBe(2);
  expect((await record(withFake(), "--", "ls")).code).toBe(2);
});
