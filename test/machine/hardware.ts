// The hardware by itself: any build on a memory, laid out, and driven without a Machine around it.

import { readFileSync } from "node:fs";
import { layOut } from "../../src/machine/power-on.ts";
import { type Hardware, onMemory } from "../../src/machine/wasm.ts";
import { mscInstances, type Platform } from "../../src/platform/index.ts";
import type { SubjectRecord } from "../helpers/subject.ts";

/** "scalar": without vectors. */
export type Build = "plain" | "shared" | "scalar";

const NS = 1;

export function bytesOf(build: Build): Uint8Array<ArrayBuffer> {
  const name = build === "plain" ? "mpam.wasm" : `mpam.${build}.wasm`;
  return new Uint8Array(readFileSync(new URL(`../../build/${name}`, import.meta.url)));
}

export function moduleOf(build: Build): WebAssembly.Module {
  return new WebAssembly.Module(bytesOf(build));
}

export function memoryFor(build: Build): WebAssembly.Memory {
  return new WebAssembly.Memory(build === "shared" ? { initial: 1, maximum: 65536, shared: true } : { initial: 1 });
}

export class Bare {
  private constructor(
    readonly hardware: Hardware,
    readonly memory: WebAssembly.Memory,
    /** Bytes in use, as `seal` said. */
    readonly top: number,
  ) {}

  /** With more than one of `workers`, which only the shared build can have, there is room for so many threads. */
  static async powerOn(build: Build, platform: Platform, scratchBytes = 0, workers = 1): Promise<Bare> {
    const memory = memoryFor(build);
    const hardware = await onMemory(moduleOf(build), memory);
    const top = layOut(hardware, platform, mscInstances(platform), scratchBytes, workers);
    return new Bare(hardware, memory, top);
  }

  /** On a copy of what another one has left. */
  static async on(build: Build, image: Uint8Array, top: number): Promise<Bare> {
    const memory = memoryFor(build);
    memory.grow(image.length / 65536 - 1);
    new Uint8Array(memory.buffer).set(image);
    return new Bare(await onMemory(moduleOf(build), memory), memory, top);
  }

  /** A copy of every byte. */
  image(): Uint8Array {
    return Uint8Array.from(new Uint8Array(this.memory.buffer));
  }

  label(requester: number, op: number, partid: number, pmg = 0): boolean {
    return this.hardware.setLabel(requester, op, NS, partid, pmg);
  }

  write(msc: number, offset: number, value: number): void {
    this.hardware.write32(msc, offset, value, NS);
  }

  read(msc: number, offset: number): number {
    return this.hardware.read32(msc, offset, NS);
  }

  run(records: readonly SubjectRecord[]): number {
    const { hardware, memory } = this;
    const lines = new Uint32Array(memory.buffer, hardware.stagedLines(), records.length);
    const requesters = new Uint16Array(memory.buffer, hardware.stagedRequesters(), records.length);
    const metas = new Uint8Array(memory.buffer, hardware.stagedMetas(), records.length);
    records.forEach((record, i) => {
      lines[i] = record.line;
      requesters[i] = record.requester;
      metas[i] = (record.op << 6) | (record.bytes - 1);
    });
    return hardware.replay(records.length);
  }
}
