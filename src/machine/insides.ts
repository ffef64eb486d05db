// What a Machine is made of: its memory with the hardware in it, at power-on or as a snapshot has it, and the other threads on it.

import { MEMORY_MAXIMUM, mscInstances, type Platform } from "../platform/index.ts";
import { isChecked } from "./checked-platform.ts";
import { Crew, canShare, MOST_WORKERS } from "./crew.ts";
import { layOut } from "./power-on.ts";
import { damaged, decodeSnapshot, type SessionState } from "./snapshot.ts";
import { type Hardware, loadModule, loadSharedModule, onMemory } from "./wasm.ts";

/** What a machine is made with. */
export interface MachineOptions {
  /** "full": evictions by reason, and counts by range of sets, for which everything takes the general path. */
  readonly statistics?: "counts" | "full";
  /** Counts the requests of each exception level apart: a label has a row for each. Nothing else changes, but labels take more owners. */
  readonly byEl?: boolean;
  /** Permutes the pages of every address space; absent: pages lie as the trace numbers them. */
  readonly seed?: number;
  /** Bytes of the hardware's memory for columns of the host's own. */
  readonly scratchBytes?: number;
  /**
   * The memory of a machine that is used no more, which is cleared and used again: making machines one after the other is faster so.
   * Default: a new one. It cannot be given where several `workers` are asked for.
   */
  readonly memory?: WebAssembly.Memory;
  /** Threads that replay together in open timing, 1 to 8, where the host has shared memory; results do not depend on it. */
  readonly workers?: number;
  /**
   * The machine is part `index`, 0 to `of` - 1, of a replay in open timing that is split into `of` parts, each run by a machine of its
   * own on the same records. It runs all of them before the last level of caches, and there what goes to slices whose number in
   * their cache modulo `of` is `index` (to channels, where there are no caches); the rest leaves no trace.
   */
  readonly part?: { readonly index: number; readonly of: number };
}

export interface Insides {
  readonly platform: Platform;
  readonly hardware: Hardware;
  readonly memory: WebAssembly.Memory;
  readonly module: string;
  readonly seed: number | undefined;
  readonly state?: SessionState;
  readonly crew?: Crew | undefined;
}

/** Throws a RangeError for what is no number of threads; 1 where memory cannot be shared. */
function workersOf({ workers = 1 }: Pick<MachineOptions, "workers">): number {
  if (!(Number.isInteger(workers) && workers >= 1 && workers <= MOST_WORKERS)) {
    throw new RangeError(`workers is ${workers}; a whole number, 1 to ${MOST_WORKERS}, is allowed`);
  }
  return canShare() ? workers : 1;
}

/** Throws a RangeError for what is no part of a replay of the platform. */
function checkPart({ index, of }: NonNullable<MachineOptions["part"]>, { caches }: Platform): void {
  if (!(Number.isInteger(of) && of >= 1))
    throw new RangeError(`part.of is ${of}; a whole number, 1 or more, is allowed`);
  if (!(Number.isInteger(index) && index >= 0 && index < of)) {
    throw new RangeError(`part.index is ${index}; a whole number, 0 to ${of - 1}, is allowed`);
  }
  if (of > 1 && caches.some(({ inclusive }) => inclusive)) {
    throw new RangeError("part: a replay cannot be split where a cache is inclusive");
  }
}

/** Of nothing but zeroes. Throws a RangeError for a memory that threads share, or would have to. */
function emptyMemory({ memory }: MachineOptions, workers: number): WebAssembly.Memory {
  if (!memory) return newMemory(1, workers);
  if (workers > 1) throw new RangeError(`memory: cannot be given where workers is ${workers}`);
  if (!(memory.buffer instanceof ArrayBuffer)) throw new RangeError("memory: one that threads share cannot be given");
  new Uint8Array(memory.buffer).fill(0);
  return memory;
}

function newMemory(pages: number, workers: number): WebAssembly.Memory {
  if (workers === 1) return new WebAssembly.Memory({ initial: pages });
  return new WebAssembly.Memory({ initial: pages, maximum: MEMORY_MAXIMUM / 65536, shared: true });
}

/** A new memory, laid out for the platform. Throws as Machine.create says. */
export async function powerOn(platform: Platform, options: MachineOptions): Promise<Insides> {
  if (!isChecked(platform)) throw new TypeError("not a checked platform: loadPlatform or parsePlatform makes one");
  const { scratchBytes = 0, seed = 0 } = options;
  if (!(Number.isInteger(seed) && seed >= 0 && seed < 2 ** 32)) {
    throw new RangeError(`seed is ${seed}; a whole number, 0 to 4294967295, is allowed`);
  }
  if (!(Number.isInteger(scratchBytes) && scratchBytes >= 0)) {
    throw new RangeError(`scratchBytes is ${scratchBytes}; a whole number of bytes, 0 or more, is allowed`);
  }
  const workers = workersOf(options);
  const { part } = options;
  if (part) checkPart(part, platform);
  const { module, hash } = await loadModule();
  const built = workers > 1 ? await loadSharedModule() : module;
  const memory = emptyMemory(options, workers);
  const hardware = await onMemory(built, memory);
  layOut(hardware, platform, mscInstances(platform), scratchBytes, workers);
  hardware.setDetailed(options.statistics === "full");
  hardware.setByLevel(options.byEl ?? false);
  if (part && part.of > 1) hardware.setPart(part.index, part.of);
  const crew = workers > 1 ? await Crew.start(built, memory, hardware, workers) : undefined;
  return { platform, hardware, memory, module: hash, seed: options.seed, crew };
}

/** The memory that a snapshot holds. Throws as Machine.restore says. */
export async function reopen(bytes: Uint8Array, options: Pick<MachineOptions, "workers">): Promise<Insides> {
  const workers = workersOf(options);
  const { state, memory: image } = decodeSnapshot(bytes);
  const { module, hash } = await loadModule();
  if (state.module !== hash) throw new TypeError("the snapshot was made by another build of the hardware module");
  const built = workers > 1 ? await loadSharedModule() : module;
  const memory = newMemory(image.length / 65536, workers);
  new Uint8Array(memory.buffer).set(image);
  const hardware = await onMemory(built, memory);
  if (hardware.attach() === 0) throw new TypeError("the snapshot's memory does not hold a machine of this layout");
  if (hardware.intakeStart() !== image.length) throw damaged("its memory is not whole");
  memory.grow(Math.ceil((hardware.intakeEnd() - image.length) / 65536));
  const capacity = Math.max(1, hardware.threadCapacity());
  if (workers > 1 && workers !== capacity) {
    throw new RangeError(`workers is ${workers}, and the snapshot is of a machine that was made for ${capacity}`);
  }
  const { platform, seed } = state;
  const crew = workers > 1 ? await Crew.start(built, memory, hardware, workers) : undefined;
  return { platform, hardware, memory, module: hash, seed: seed ?? undefined, state, crew };
}
