// What does it cost to look at the tree, and to write to it, through the kernel?
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { MPAMCFG_CPBM, MPAMCFG_PART_SEL } from "../assembly/regs/offsets.ts";
import { Driver } from "../src/driver/index.ts";
import { Resctrl } from "../src/fs/index.ts";
import { startMount } from "../src/fuse/index.ts";
import { Machine } from "../src/machine/index.ts";
import { loadPlatform } from "../src/platform/index.ts";
import { whyNoMount } from "../test/helpers/fuse/mountable.ts";
import { CTwin } from "./c-twin.ts";
import type { Contestant, Row } from "./harness.ts";
import { nodeClient } from "./mount-client.ts";
import type { Question, RunOptions } from "./question.ts";
import { packageRoot } from "./root.ts";

export const OPERATIONS = 4000;
const CASES = ["stat", "open", "read", "write", "readdir"] as const;
const SAID: Readonly<Record<(typeof CASES)[number], string>> = {
  stat: "stat",
  open: "open, read, close",
  read: "read, open file",
  write: "write, open file",
  readdir: "readdir",
};
const PLATFORM = join(packageRoot(), "platforms/one-socket.yaml");
const GROUP = "web";
/** Masks of even and of odd operations. */
export const MASKS = ["f", "f0"] as const;

/** A client that takes "<operation> mount" and "<operation> tmpfs". */
export interface Client {
  readonly name: string;
  contestant(name: string, word: string): Contestant;
}

export const mount: Question = {
  name: "mount",
  asks: "files of a mounted tree, by a client in C, beside files in memory; from a line of schemata to the register",
  async run(options) {
    const why = whyNoMount();
    if (why !== undefined) {
      options.note(`mount: not measured, because ${why}`);
      return [];
    }
    const folder = mkdtempSync(join(tmpdir(), "mpam-bench-"));
    const directory = join(folder, "mount");
    mkdirSync(directory);
    const worker = join(packageRoot(), "dist/esm/mount-worker.js");
    const mounted = await startMount(directory, { boot: { platform: PLATFORM }, worker });
    try {
      return await measured(directory, alike(directory, folder), options);
    } finally {
      await mounted.unmount();
      rmSync(folder, { recursive: true });
    }
  },
};

/** A directory in memory that looks like the tree, as far as the client looks. */
function alike(directory: string, folder: string): string {
  mkdirSync(join(directory, GROUP));
  const place = mkdtempSync(join(inMemory(folder), "mpam-bench-"));
  const copy = (path: string) => {
    writeFileSync(join(place, path), readFileSync(join(directory, path)), {
      mode: statSync(join(directory, path)).mode,
    });
  };
  mkdirSync(join(place, GROUP));
  for (const entry of readdirSync(join(directory, GROUP), { withFileTypes: true })) {
    const path = join(GROUP, entry.name);
    if (entry.isDirectory()) mkdirSync(join(place, path));
    else copy(path);
  }
  copy("schemata");
  return place;
}

function inMemory(otherwise: string): string {
  try {
    return statSync("/dev/shm").isDirectory() ? "/dev/shm" : otherwise;
  } catch {
    return otherwise;
  }
}

async function measured(directory: string, plain: string, options: RunOptions): Promise<Row[]> {
  const twin = await CTwin.start("mount", [String(OPERATIONS), directory, plain], options.note);
  const client: Client = twin
    ? { name: "C", contestant: (name, word) => ({ ...twin.contestant(name, word), close: () => undefined }) }
    : nodeClient(directory, plain);
  if (!twin) options.note("mount: the client is Node, which takes longer for its part");
  try {
    const rows: Row[] = [];
    for (const one of CASES) {
      rows.push(
        ...(await options.meet({
          bench: "mount",
          case: SAID[one],
          operations: OPERATIONS,
          contestants: [
            client.contestant(`${client.name}, the mount`, `${one} mount`),
            client.contestant(`${client.name}, tmpfs`, `${one} tmpfs`),
          ],
          repetitions: options.repetitions,
        })),
      );
    }
    rows.push(...(await toRegister(client, options)));
    return rows.map((row) => ({ ...row, rate: row.rate * 1000, unit: "k/s" }));
  } finally {
    twin?.close();
    rmSync(plain, { recursive: true });
  }
}

/** The same line by write(2), by the filesystem in this process, and the registers that it sets by themselves. */
async function toRegister(client: Client, options: RunOptions): Promise<Row[]> {
  const machine = await Machine.create(await loadPlatform(PLATFORM));
  const resctrl = await Resctrl.mount(await Driver.probe(machine));
  await resctrl.mkdir(GROUP);
  const [l3] = machine.mscs;
  const msc = l3?.msc ?? 0;
  const partid = 1;
  const register = () => {
    machine.write32(msc, MPAMCFG_PART_SEL, partid);
    return machine.read32(msc, MPAMCFG_CPBM).toString(16).padStart(8, "0");
  };
  const turn = async (work: () => Promise<void> | void) => {
    const start = performance.now();
    await work();
    return { nanoseconds: (performance.now() - start) * 1e6, checksum: register() };
  };
  return options.meet({
    bench: "mount",
    case: "schemata to register",
    operations: OPERATIONS,
    contestants: [
      client.contestant(`${client.name}, the mount`, "write mount"),
      {
        name: "Resctrl.writeFile",
        run: () =>
          turn(async () => {
            for (let i = 0; i < OPERATIONS; i++) await resctrl.writeFile(`${GROUP}/schemata`, `L3:0=${MASKS[i & 1]}\n`);
          }),
      },
      {
        name: "the registers alone",
        run: () =>
          turn(() => {
            for (let i = 0; i < OPERATIONS; i++) {
              machine.write32(msc, MPAMCFG_PART_SEL, partid);
              machine.write32(msc, MPAMCFG_CPBM, Number.parseInt(MASKS[i & 1] as string, 16));
            }
          }),
        close: () => machine.close(),
      },
    ],
    repetitions: options.repetitions,
  });
}
