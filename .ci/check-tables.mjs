// ACPI tables against another program: iasl takes each of ours apart and puts it together again, or compiles it from a list of numbers.
// Where there is no iasl, one line says so. node .ci/check-tables.mjs, after a build.

import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const COMMAND = fileURLToPath(new URL("../dist/esm/cli.js", import.meta.url));
const PLATFORMS = fileURLToPath(new URL("../platforms", import.meta.url));

/** Tables that all releases of iasl know as we write them. The others (cache ids, MPAM) are compiled from their fields. */
const KNOWN = new Set(["APIC", "SRAT", "HMAT", "PCCT"]);

const MAILBOXES = `
name: mailboxes
cpus: 2
processor: { partidMax: 7, pmgMax: 1 }
mailboxes: [{ subspace: 1, base: 0x2_0000_0000, interrupt: 60 }, { subspace: 2, base: 0x2_0001_0000 }]
caches: [{ level: 3, bytes: 64 KiB, ways: 16, msc: { mailbox: 1, cpor: { cpbmWd: 8 } } }]
memory: [{ bytes: 1 GiB, bytesPerSecond: 1 GB/s, msc: { mailbox: 2, cpus: 1, mbw: { bwaWd: 7 } } }]
`;

if (spawnSync("iasl", ["-v"]).error) {
  console.log("iasl: not found, so that tables are not checked against it");
  process.exit(0);
}
const folder = mkdtempSync(join(tmpdir(), "tables-"));
try {
  const mailboxes = join(folder, "mailboxes.yaml");
  writeFileSync(mailboxes, MAILBOXES);
  const platforms = readdirSync(PLATFORMS)
    .filter((name) => name.endsWith(".yaml"))
    .map((name) => join(PLATFORMS, name));
  let tables = 0;
  let checked = 0;
  for (const platform of [...platforms, mailboxes]) {
    if (/^firmware: *(dt|android)/m.test(readFileSync(platform, "utf8"))) continue;
    checked++;
    tables += check(platform, mkdtempSync(join(folder, "platform-")));
  }
  console.log(`iasl: ${tables} tables of ${checked} platforms are what it makes of them`);
} finally {
  rmSync(folder, { recursive: true });
}

function check(platform, out) {
  const mpam = (...args) => execFileSync(process.execPath, [COMMAND, "acpi", ...args], { encoding: "utf8" });
  const { files } = JSON.parse(mpam("build", platform, "-o", out, "--json"));
  for (const { file, table } of files) {
    const again = KNOWN.has(table)
      ? recompiled(file, out)
      : compiled(JSON.parse(mpam("dump", file, "--json")).tables[0], out);
    const ours = readFileSync(file);
    // iasl signs with its own name, and has the checksum follow.
    const signed = Buffer.from(ours);
    again.copy(signed, 28, 28, 36);
    signed[9] = 0;
    signed[9] = -signed.reduce((sum, byte) => sum + byte, 0) & 0xff;
    if (again.equals(signed)) continue;
    const at = again.findIndex((byte, index) => byte !== signed[index]);
    throw new Error(
      `${platform}: ${table} differs from iasl's at 0x${at.toString(16)}: ours ${signed[at]}, iasl ${again[at]}; ${signed.length} and ${again.length} bytes`,
    );
  }
  return files.length;
}

function iasl(...args) {
  const { status, stdout, stderr } = spawnSync("iasl", args, { encoding: "utf8" });
  if (status !== 0 || /[1-9]\d* (Errors|Warnings)/.test(stdout))
    throw new Error(`iasl ${args.join(" ")}\n${stdout}${stderr}`);
}

/** Taken apart and put together. */
function recompiled(file, out) {
  const source = join(out, "again");
  iasl("-p", source, "-d", file);
  iasl("-p", source, `${source}.dsl`);
  return readFileSync(`${source}.aml`);
}

/** Put together from the numbers that our dump shows. */
function compiled({ parts }, out) {
  const [header, ...rest] = parts;
  const of = Object.fromEntries(header.fields.map(({ name, value }) => [name, value]));
  const hex = (value, bytes) =>
    BigInt(value)
      .toString(16)
      .padStart(2 * bytes, "0");
  const lines = [
    `Signature : "${of.signature}"`,
    "Table Length : 00000000",
    `Revision : ${hex(of.revision, 1)}`,
    "Checksum : 00",
    `Oem ID : "${of["oem id"]}"`,
    `Oem Table ID : "${of["oem table id"]}"`,
    `Oem Revision : ${hex(of["oem revision"], 4)}`,
    `Asl Compiler ID : "${of["creator id"]}"`,
    `Asl Compiler Revision : ${hex(of["creator revision"], 4)}`,
    "",
  ];
  const number = (value, bytes) => {
    if ([1, 2, 4, 8].includes(bytes)) lines.push(`UINT${8 * bytes} : ${hex(value, bytes)}`);
    else for (let index = 0; index < bytes; index++) number((BigInt(value) >> BigInt(8 * index)) & 0xffn, 1);
  };
  for (const { value, bytes } of rest.flatMap(({ fields }) => fields)) {
    if (typeof value === "object") throw new Error("a group of fields has no single number");
    if (typeof value !== "string" || value.startsWith("0x")) number(value, bytes);
    else for (let index = 0; index < bytes; index++) number(value.charCodeAt(index) || 0, 1);
  }
  const source = join(out, "numbers.asl");
  writeFileSync(source, `${lines.join("\n")}\n`);
  iasl("-p", join(out, "numbers"), "-G", source);
  return readFileSync(join(out, "numbers.aml"));
}
