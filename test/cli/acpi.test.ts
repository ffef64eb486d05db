// mpam acpi as a person runs it.

import { execFile } from "node:child_process";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { loadPlatform } from "../../src/platform/index.ts";

const COMMAND = new URL("../../dist/esm/cli.js", import.meta.url).pathname;
const ONE_SOCKET = new URL("../../platforms/one-socket.yaml", import.meta.url).pathname;

interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

function mpam(...args: string[]): Promise<Ran> {
  return new Promise((resolve) => {
    execFile(process.execPath, [COMMAND, "acpi", ...args], (error, out, err) => {
      resolve({ code: typeof error?.code === "number" ? error.code : 0, out, err });
    });
  });
}

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "mpam-acpi-"));
  expect(await mpam("build", ONE_SOCKET, "-o", join(folder, "tables"))).toMatchObject({ code: 0, err: "" });
}, 60_000);
afterAll(() => rm(folder, { recursive: true }));
const tables = () => join(folder, "tables");

test("build writes a file for each table, named after it", async () => {
  expect((await readdir(tables())).sort()).toEqual(["apic.dat", "hmat.dat", "mpam.dat", "pptt.dat", "srat.dat"]);
  const mpamTable = await readFile(join(tables(), "mpam.dat"));
  expect(mpamTable.toString("latin1", 0, 4)).toBe("MPAM");
  expect(mpamTable.readUInt32LE(4)).toBe(mpamTable.length);
});

test("every command says what --json does", async () => {
  for (const command of ["build", "dump", "check", "platform"]) {
    const { code, out } = await mpam(command, "--help");
    expect(code).toBe(0);
    expect(out).toContain("--json");
  }
});

test("dump takes files, folders, and files of several tables", async () => {
  const names = async (...paths: string[]) =>
    JSON.parse((await mpam("dump", ...paths, "--json")).out).tables.map(
      ({ signature }: { signature: string }) => signature,
    );
  expect(await names(join(tables(), "pptt.dat"), join(tables(), "mpam.dat"))).toEqual(["PPTT", "MPAM"]);
  expect(await names(tables())).toEqual(["APIC", "HMAT", "MPAM", "PPTT", "SRAT"]);
  const both = join(folder, "both.bin");
  await writeFile(
    both,
    Buffer.concat([await readFile(join(tables(), "srat.dat")), await readFile(join(tables(), "mpam.dat"))]),
  );
  expect(await names(both)).toEqual(["SRAT", "MPAM"]);
});

test("check ends with 0 where nothing is wrong and with 1 where something is", async () => {
  expect(await mpam("check", tables())).toEqual({ code: 0, err: "", out: "5 tables: nothing found\n" });
  const broken = join(folder, "mpam.bin");
  const bytes = await readFile(join(tables(), "mpam.dat"));
  bytes[0x26] = 9;
  await writeFile(broken, bytes);
  const { code, out, err } = await mpam("check", broken);
  expect([code, err]).toEqual([1, "mpam: 1 table: 2 errors, 3 warnings\n"]);
  expect(out).toMatch(/^error: MPAM\+0x09: checksum is 0x[0-9a-f]{2}; 0x[0-9a-f]{2} is right$/m);
  expect(out).toMatch(/^error: MPAM\+0x26: MSC 0: interface is 0x09; 0x00 \(MMIO\) or 0x0a \(PCC\) is allowed$/m);
  const { findings } = JSON.parse((await mpam("check", broken, "--json")).out);
  expect(findings).toContainEqual(expect.objectContaining({ severity: "error", place: "MPAM", offset: 0x26 }));
});

test("what is no table is refused with 2, its file and its place", async () => {
  const short = join(folder, "short.dat");
  await writeFile(short, "MPAM");
  expect(await mpam("dump", short)).toEqual({
    code: 2,
    out: "",
    err: `mpam: ${short}: MPAM+0x00: the table has 4 bytes; a header takes 36\n`,
  });
  const { code, err } = await mpam("dump", join(folder, "none.dat"));
  expect([code, err]).toEqual([
    2,
    `mpam: ${join(folder, "none.dat")}: no such file; a file or a folder of ACPI tables is needed\n`,
  ]);
});

test("a platform comes out that can be loaded, with its guesses in comments", async () => {
  const file = join(folder, "again.yaml");
  const { code, out } = await mpam("platform", tables(), "-o", file);
  expect(code).toBe(0);
  expect(out).toContain("note: what cpus can put on a request (processor) is a guess");
  const text = await readFile(file, "utf8");
  expect(text).toContain("# note: what cpus");
  expect(text).toContain("base: 0x141000000");
  const [found, wanted] = [await loadPlatform(file), await loadPlatform(ONE_SOCKET)];
  const shape = ({ cpus, caches, memory }: typeof found) => ({
    cpus,
    caches: caches.map(({ level, id, bytes, ways, msc }) => ({ level, id, bytes, ways, base: msc?.base })),
    memory: memory.map(({ node, bytes, bytesPerSecond, msc }) => ({ node, bytes, bytesPerSecond, base: msc?.base })),
  });
  expect(shape(found)).toEqual(shape(wanted));
});

test("what is empty or of another kind is told by the name of its file, and a check goes on with the others", async () => {
  const [empty, text] = [join(folder, "empty.dat"), join(folder, "text.dat")];
  await writeFile(empty, "");
  await writeFile(text, "# a platform, and no table\nname: text\ncpus: 4\n");
  for (const command of ["dump", "check", "platform"]) {
    const { code, out, err } = await mpam(command, empty);
    expect([code, out, err]).toEqual([2, "", `mpam: ${empty} is empty; a file or a folder of ACPI tables is needed\n`]);
  }
  const no = "table+0x00: bytes that begin with 23 20 61 20 are no ACPI table; it begins with four capital letters";
  expect(await mpam("platform", text)).toEqual({ code: 2, out: "", err: `mpam: ${text}: ${no}\n` });
  const checked = await mpam("check", text, tables());
  expect(checked).toEqual({ code: 1, out: `error: ${text}: ${no}\n`, err: "mpam: 5 tables: 1 error\n" });
  expect(await mpam("check", text)).toMatchObject({ code: 1, out: `error: ${text}: ${no}\n` });
});
