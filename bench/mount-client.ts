// The client of bench/c/mount.c where there is no compiler: the same calls from this process, and the same checksums among
// themselves.
import * as fs from "node:fs";
import { join } from "node:path";
import { type Contestant, timed } from "./harness.ts";
import { type Client, MASKS, OPERATIONS } from "./mount.ts";

export function nodeClient(directory: string, plain: string): Client {
  const contestant = (name: string, word: string): Contestant => {
    const [operation = "", where] = word.split(" ");
    const work = WORK[operation];
    if (work === undefined) throw new Error(`no operation ${operation}`);
    const place = where === "mount" ? directory : plain;
    return {
      name,
      run: () => {
        let seen = "";
        return timed(
          () => {
            seen = work(place);
          },
          () => seen,
        );
      },
    };
  };
  return { name: "Node", contestant };
}

const WORK: Readonly<Record<string, (directory: string) => string>> = {
  stat: (directory) => {
    let mode = 0;
    for (let i = 0; i < OPERATIONS; i++) mode = fs.statSync(join(directory, "schemata")).mode;
    return String(mode);
  },
  open: (directory) => {
    let text = "";
    for (let i = 0; i < OPERATIONS; i++) text = fs.readFileSync(join(directory, "schemata"), "latin1");
    return text;
  },
  read: (directory) => {
    const buffer = Buffer.alloc(4096);
    let length = 0;
    withFile(join(directory, "schemata"), "r", (file) => {
      for (let i = 0; i < OPERATIONS; i++) length = fs.readSync(file, buffer, 0, buffer.length, 0);
    });
    return buffer.toString("latin1", 0, length);
  },
  write: (directory) => {
    const path = join(directory, "web/schemata");
    withFile(path, "r+", (file) => {
      for (let i = 0; i < OPERATIONS; i++) fs.writeSync(file, `L3:0=${MASKS[i & 1]}\n`, 0);
    });
    const [, mask = ""] = /L3:0=([0-9a-f]+)/.exec(fs.readFileSync(path, "latin1")) ?? [];
    return mask.padStart(8, "0");
  },
  readdir: (directory) => {
    let names: string[] = [];
    for (let i = 0; i < OPERATIONS; i++) names = fs.readdirSync(join(directory, "web"));
    return names.sort().join(" ");
  },
};

function withFile(path: string, flags: string, body: (file: number) => void): void {
  const file = fs.openSync(path, flags);
  try {
    body(file);
  } finally {
    fs.closeSync(file);
  }
}
