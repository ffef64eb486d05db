// Power-on written down: the calls that lay a platform out, for hosts that have the module and no platform files.

import { mscInstances, type Platform } from "../platform/index.ts";
import { isChecked } from "./checked-platform.ts";
import { layOut, resourcesOf } from "./power-on.ts";
import { type Builder, type Hardware, loadModule, onMemory } from "./wasm.ts";

export type BuildCallName = keyof Builder;

export interface BuildCall {
  readonly name: BuildCallName;
  readonly arguments: readonly bigint[];
}

export interface RecordedPowerOn {
  /** What `attach` answers afterwards: the layout of the memory. */
  readonly layout: number;
  /** Bytes of memory that the machine takes, its intake included. */
  readonly bytes: number;
  /** In their order; the last is `seal`. */
  readonly calls: readonly BuildCall[];
  /** For each cpu the resource where its records enter; 0xffffffff for memory. */
  readonly entries: readonly number[];
}

/** Powers a machine on and keeps what it was told. Throws as Machine.create says. */
export async function recordPowerOn(platform: Platform): Promise<RecordedPowerOn> {
  if (!isChecked(platform)) throw new TypeError("not a checked platform: loadPlatform or parsePlatform makes one");
  const memory = new WebAssembly.Memory({ initial: 1 });
  const hardware = await onMemory((await loadModule()).module, memory);
  const calls: BuildCall[] = [];
  layOut(recording(hardware, calls), platform, mscInstances(platform), 0);
  return { layout: hardware.attach(), bytes: memory.buffer.byteLength, calls, entries: resourcesOf(platform).entries };
}

/** The hardware, with every call written down before it is made. */
function recording(hardware: Hardware, calls: BuildCall[]): Builder {
  return new Proxy(hardware, {
    get: (target, name) => {
      const call = Reflect.get(target, name) as (...args: unknown[]) => unknown;
      return (...args: (number | bigint)[]) => {
        calls.push({ name: name as BuildCallName, arguments: args.map(unsigned) });
        return call(...args);
      };
    },
  });
}

function unsigned(value: number | bigint): bigint {
  return typeof value === "bigint" ? BigInt.asUintN(64, value) : BigInt(value >>> 0);
}
