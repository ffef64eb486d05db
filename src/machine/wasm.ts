// The compiled hardware: found, compiled once, and put on a memory. Node and the browser come in by one door.

import { type __AdaptedExports, instantiate } from "../../build/mpam.js";
import { sha256Hex } from "../random/sha256.ts";

export type Hardware = typeof __AdaptedExports;

/** The calls that lay the hardware out, in their order (docs/boundary.md). */
export type Builder = Pick<
  Hardware,
  | "init"
  | "configure"
  | "reserve"
  | "addCache"
  | "addNode"
  | "setBelow"
  | "addMsc"
  | "addBank"
  | "addRis"
  | "addPe"
  | "seal"
>;

export interface Loaded {
  readonly module: WebAssembly.Module;
  /** SHA-256 of the module, hex: a snapshot runs only on the module that made it. */
  readonly hash: string;
}

let given: Uint8Array | undefined;
let givenShared: Uint8Array | undefined;
let loading: Promise<Loaded> | undefined;
let loadingShared: Promise<WebAssembly.Module> | undefined;

/** Takes the module from memory instead of from a file beside this one: for bundles that hold it. Before any machine. */
export function useModule(bytes: Uint8Array, shared?: Uint8Array): void {
  given = bytes;
  givenShared = shared;
  loading = undefined;
  loadingShared = undefined;
}

/** The module, compiled on first use. */
export function loadModule(): Promise<Loaded> {
  loading ??= compile();
  return loading;
}

async function compile(): Promise<Loaded> {
  const bytes = given ?? (await readBytes(new URL("../../build/mpam.wasm", import.meta.url)));
  const [module, hash] = await Promise.all([WebAssembly.compile(bytes as Uint8Array<ArrayBuffer>), sha256Hex(bytes)]);
  return { module, hash };
}

async function readBytes(url: URL): Promise<Uint8Array> {
  if (url.protocol === "file:") {
    const { readFile } = await import("node:fs/promises");
    return readFile(url);
  }
  const response = await fetch(url);
  if (!response.ok) throw new Error(`cannot load ${url.href}: ${response.status} ${response.statusText}`);
  return new Uint8Array(await response.arrayBuffer());
}

/** The build for memory that threads share: the same layout, so that either goes on with what the other left. */
export function loadSharedModule(): Promise<WebAssembly.Module> {
  loadingShared ??= (async () => {
    const bytes = givenShared ?? (await readBytes(new URL("../../build/mpam.shared.wasm", import.meta.url)));
    return WebAssembly.compile(bytes as Uint8Array<ArrayBuffer>);
  })();
  return loadingShared;
}

/** An instance on `memory`. It changes nothing there by itself. */
export async function onMemory(module: WebAssembly.Module, memory: WebAssembly.Memory): Promise<Hardware> {
  return instantiate(module, { env: { memory } } as Parameters<typeof instantiate>[1]);
}
