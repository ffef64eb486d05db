// A machine of any platform whose MSCs are plain models: register pages as the specification has them, with no memory
// system between them. Each slice and channel gets the traffic that a test hands to it.

import type { DriverKernel, DriverMachine, InterruptEvent } from "../../src/driver/index.ts";
import { type MscInstance, mscInstances, type Platform } from "../../src/platform/index.ts";
import { FakeClock, FakeKernel, FakeProcessor } from "../fs/fakes.ts";
import { fakeKernel } from "./fake-kernel.ts";
import { PageMap } from "./page-map.ts";
import { PlainSubject } from "./plain/subject.ts";
import type { Space, SubjectConfig } from "./subject.ts";

class Clock extends FakeClock {
  async sleep(ns: number): Promise<void> {
    await this.advance(ns);
  }
}

class Processor extends FakeProcessor {
  override readonly kernel: FakeKernel & DriverKernel;

  constructor({ cpus, processor }: Platform) {
    super(cpus, []);
    this.kernel = Object.assign(
      new FakeKernel(),
      fakeKernel(() => processor),
    );
  }
}

export class PlainMachine implements DriverMachine {
  readonly clock = new Clock();
  readonly processor: Processor;
  readonly parts = new Map<string, () => unknown>();
  readonly mscs: readonly MscInstance[];
  /** One for each MSC. */
  readonly subjects: readonly PlainSubject[];
  readonly bus: PageMap;

  constructor(readonly platform: Platform) {
    this.processor = new Processor(platform);
    this.mscs = mscInstances(platform);
    this.subjects = this.mscs.map((msc) => new PlainSubject(configOf(msc, platform)));
    this.bus = new PageMap(new Map(this.mscs.map(({ address = 0 }, at) => [address, this.#subject(at)])));
  }

  read32(msc: number, offset: number, space: Space = "ns"): number {
    return this.#subject(msc).read32(offset, space);
  }

  write32(msc: number, offset: number, value: number, space: Space = "ns"): void {
    this.#subject(msc).write32(offset, value, space);
  }

  onInterrupt(_handler: (event: InterruptEvent) => void): () => void {
    return () => {};
  }

  onCpu(): () => void {
    return () => {};
  }

  saved(_name: string): unknown {
    return undefined;
  }

  #subject(msc: number): PlainSubject {
    const subject = this.subjects[msc];
    if (!subject) throw new RangeError(`there is no msc ${msc}`);
    return subject;
  }
}

function configOf({ description, resource }: MscInstance, { processor }: Platform): SubjectConfig {
  const { base: _base, stride: _stride, errorInterrupt: _error, overflowInterrupt: _overflow, ...rest } = description;
  const { cpus: _cpus, ...msc } = rest;
  if (resource.kind === "memory") return { kind: "memory", processor, ...msc };
  const { bytes, slices, ways, lineBytes } = resource.cache;
  return { kind: "cache", sets: bytes / (slices * ways * lineBytes), ways, processor, ...msc };
}
