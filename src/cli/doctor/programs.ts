// Programs of others that mpam works with. None is needed.

import { type Check, missing, ok } from "./check.ts";

interface Program {
  readonly names: readonly string[];
  readonly for: string;
  readonly remedy: string;
  /** With which it says its version. */
  readonly version?: string;
}

const PROGRAMS: readonly Program[] = [
  { names: ["valgrind"], for: "mpam trace record", remedy: "apt install valgrind", version: "--version" },
  {
    names: ["gcc", "cc", "clang"],
    for: "building the C library and its examples",
    remedy: "apt install gcc",
    version: "--version",
  },
  { names: ["wasm2c"], for: "making the C library from the module", remedy: "apt install wabt", version: "--version" },
  {
    names: ["gdb-multiarch", "gdb"],
    for: "poking registers from a debugger",
    remedy: "apt install gdb-multiarch",
    version: "--version",
  },
  { names: ["iasl"], for: "reading what mpam acpi build writes", remedy: "apt install acpica-tools", version: "-v" },
  {
    names: ["dtc"],
    for: "reading what mpam dt build writes",
    remedy: "apt install device-tree-compiler",
    version: "--version",
  },
  {
    names: ["chromium", "chromium-browser", "google-chrome"],
    for: "npm run check:browser, which tests the page",
    remedy: "apt install chromium",
    version: "--version",
  },
  {
    names: ["redis-server", "valkey-server"],
    for: "a queue on this host, for mpam sweep --queue",
    remedy: "apt install redis-server",
    version: "--version",
  },
  { names: ["pqos"], for: "mpam run -- pqos", remedy: "apt install intel-cmt-cat" },
  { names: ["runc"], for: "mpam run -- runc", remedy: "apt install runc", version: "--version" },
];

export const programs: readonly Check[] = PROGRAMS.map((program) => ({
  name: program.names[0] as string,
  for: program.for,
  look(host) {
    const found = program.names.find((name) => host.which(name) !== undefined);
    if (found === undefined) return missing(`no ${program.names.join(", ")}`, program.remedy);
    if (program.version === undefined) return ok(host.which(found) as string);
    const { out, err } = host.run(found, program.version);
    const line = `${out}\n${err}`.split("\n").find((text) => /\d+\.\d+|\d{8}/.test(text));
    return ok(line === undefined ? (host.which(found) as string) : short(line.trim()));
  },
}));

/** Whole words of it. */
function short(line: string): string {
  return line.length <= 60 ? line : line.slice(0, 61).replace(/\s+\S*$/, "");
}

export const locale: Check = {
  name: "locale",
  for: "letters beyond ASCII in names and tables",
  look({ env }) {
    const [name, value] = (["LC_ALL", "LC_CTYPE", "LANG"] as const)
      .map((one) => [one, env[one]] as const)
      .find(([, text]) => text !== undefined && text !== "") ?? ["LANG", undefined];
    if (value === undefined) return { state: "partly", found: "none is set", remedy: "export LANG=C.UTF-8" };
    if (/utf-?8/i.test(value)) return ok(`${name}=${value}`);
    return { state: "partly", found: `${name}=${value}`, remedy: "export LANG=C.UTF-8" };
  },
};
