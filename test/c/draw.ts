// Random scripts for c/test/compare.c: accesses of every kind, traffic, time, system registers.

import * as encodings from "../../assembly/regs/pe-encodings.ts";
import { REGISTERS } from "../../src/machine/index.ts";
import { cacheSets, mscInstances, type Platform, processorOfCpus } from "../../src/platform/index.ts";
import { hash } from "../../src/random/index.ts";
import { offsetOf } from "../golden/registers.ts";

/** A letter and its words, as c/test/compare.c has them. */
export type Line = readonly [what: string, ...words: (number | bigint)[]];

const STEPS = 3000;
/** Two registers side by side that can be written. */
const SETTINGS = ["MPAMCFG_CPBM", "MPAMF_ERR_MSI_ADDR_L", "MSMON_OFLOW_MSI_ADDR_L", "MSMON_MBWU_L"].map(offsetOf);
/** Traffic touches so many bytes, some of which fit in no cache here. */
const FOOTPRINT = 4 << 20;

export class Draw {
  #state: number;

  constructor(seed: number) {
    this.#state = hash(seed, 0xc0de);
  }

  /** Below `n`. */
  below(n: number): number {
    this.#state = hash(this.#state, 1);
    return this.#state % n;
  }

  word(): number {
    return this.below(2 ** 32);
  }

  of<T>(all: readonly T[]): T {
    return all[this.below(all.length)] as T;
  }

  /** One time in `n`. */
  once(n: number): boolean {
    return this.below(n) === 0;
  }
}

export function drawScript(platform: Platform, seed: number): Line[] {
  const draw = new Draw(seed);
  const script: Line[] = [];
  const pages = mscInstances(platform).map(({ address }) => address as number);
  const offsets = REGISTERS.flatMap(({ offset, width, count }) => {
    const words = (width / 32) * Math.min(count, 4);
    return Array.from({ length: words }, (_, i) => offset + 4 * i);
  });
  const pes = processorOfCpus(platform);
  const { partidMax, pmgMax } = platform.processor;
  const space = () => (draw.once(4) ? draw.below(4) : 1);
  const cpu = () => (draw.once(40) ? 1000 : draw.below(platform.cpus));
  const elOf = (of: number) => draw.of([0, 1, ...(pes[of]?.el2 ? [2] : []), ...(pes[of]?.el3 ? [3] : [])]);
  const value = () => draw.of([0, 1, 0xffff_ffff, draw.word(), draw.word(), 1 << draw.below(31), draw.below(64)]) >>> 0;
  const write = (page: number, name: string, word: number, of: number, by: number) => {
    script.push(["w", page + offsetOf(name), 4, of, by, word >>> 0]);
  };

  for (let one = 0; one < platform.cpus; one++) script.push(["b", one]);
  for (let one = 0; one < 10; one++) {
    const partid = draw.once(2) ? draw.below(4) : draw.below(partidMax + 1);
    script.push(["q", draw.below(platform.cpus), draw.once(2) ? 1 : draw.below(4), partid, draw.below(pmgMax + 1)]);
  }
  for (let one = 0; one < 4; one++) script.push(["u", one % platform.cpus, one % 2]);
  const requesters = 14;

  const steps: (() => void)[] = [
    // Any register, any value, now and then what no device makes.
    () => {
      const size = draw.once(20) ? draw.of([1, 2]) : draw.of([4, 4, 8]);
      const offset = draw.of(draw.once(3) ? SETTINGS : offsets);
      const place = size === 8 && !draw.once(8) ? offset - (offset % 8) : offset;
      const address = draw.of(pages) + place + (draw.once(30) ? draw.below(4) : 0);
      if (draw.once(2)) script.push(["r", address, size, space(), cpu()]);
      else script.push(["w", address, size, space(), cpu(), (BigInt(value()) << 32n) | BigInt(value())]);
    },
    () => script.push(["r", draw.of([0, draw.of(pages) - 4, draw.of(pages) + 0x1_0000]), 4, 1, 0]),
    // Settings of a PARTID that there may be.
    () => {
      const [page, of, by] = [draw.of(pages), space(), draw.below(platform.cpus)];
      const internal = draw.once(3) ? 0x1_0000 : 0;
      write(page, "MPAMCFG_PART_SEL", (draw.below(5) << 24) | internal | draw.below(6), of, by);
      const name = draw.of(["MPAMCFG_CPBM", "MPAMCFG_CMAX", "MPAMCFG_CMIN", "MPAMCFG_CASSOC", "MPAMCFG_MBW_MAX"]);
      write(page, name, draw.of([0x00ff, 0xff00, 0x4000, 0x8000, draw.word()]), of, by);
    },
    // A monitor.
    () => {
      const [page, of, by] = [draw.of(pages), space(), draw.below(platform.cpus)];
      const kind = draw.of(["CSU", "MBWU"]);
      write(page, "MSMON_CFG_MON_SEL", (draw.below(5) << 24) | draw.below(4), of, by);
      write(page, `MSMON_CFG_${kind}_CTL`, 0, of, by);
      write(page, `MSMON_CFG_${kind}_FLT`, (draw.below(pmgMax + 1) << 16) | draw.below(4), of, by);
      write(page, `MSMON_${kind}`, draw.of([0, 0x7fff_ff00, 0x7fff_0000]), of, by);
      const flags = draw.of([0, 0x0200_0000, 0x0300_0000, 0x1a00_0000 >>> 0]);
      const match = draw.of([0, 0x0001_0000, 0x0003_0000]);
      write(page, `MSMON_CFG_${kind}_CTL`, 0x8000_0000 | flags | match, of, by);
    },
    // Interrupts on, and off.
    () => {
      const [page, of, by] = [draw.of(pages), space(), draw.below(platform.cpus)];
      const block = draw.of(["MPAMF_ERR_MSI", "MSMON_OFLOW_MSI"]);
      write(page, `${block}_ADDR_L`, draw.word(), of, by);
      write(page, `${block}_DATA`, draw.word(), of, by);
      write(page, `${block}_ATTR`, draw.word(), of, by);
      write(page, "MPAMF_ECR", draw.below(2), of, by);
      if (draw.once(2)) write(page, "MPAMF_ESR", 0, of, by);
    },
    () => {
      const burst = 1 + draw.below(300);
      const from = draw.below(FOOTPRINT);
      const whole = draw.once(4);
      for (let i = 0; i < burst; i++) {
        const requester = draw.below(requesters);
        // What fetches carry, another field of a cpu's registers says.
        const op = draw.of(requester < 10 ? [0, 1, 2, 3] : [0, 1, 3]);
        const address = (whole ? from + 64 * i : draw.below(FOOTPRINT)) % FOOTPRINT;
        script.push(["n", address, 1 + draw.below(draw.once(10) ? 300 : 64), requester, op]);
      }
      script.push(["p"]);
    },
    () => script.push(["t", draw.of([0, 1, 100, 5000, draw.below(50_000)])]),
    () => script.push(["c", draw.below(pages.length + 1), draw.below(8)]),
    () => {
      const of = draw.below(platform.cpus);
      const encoding = draw.of(Object.values(encodings));
      if (draw.once(2)) script.push(["s", of, elOf(of), encoding]);
      else script.push(["S", of, elOf(of), encoding, BigInt(draw.word()) * (draw.once(2) ? 2n ** 31n : 1n)]);
    },
    () => {
      const of = draw.below(platform.cpus);
      script.push(["S", of, 3, encodings.MPAM3_EL3, 2n ** 63n]);
      const register = draw.of([encodings.MPAM0_EL1, encodings.MPAM1_EL1]);
      script.push(["S", of, 3, register, (1n << 63n) | BigInt(draw.below(4) << 16) | BigInt(draw.below(4))]);
    },
    () => {
      const of = draw.below(platform.cpus);
      script.push(["l", of, elOf(of), draw.of([0, 1])]);
    },
    () => {
      if (draw.once(20)) script.push(["k"]);
    },
    () => {
      if (draw.once(20)) script.push(["z"]);
    },
  ];
  for (let step = 0; step < STEPS; step++) (draw.once(4) ? steps[0] : draw.of(steps))?.();
  script.push(["z"]);
  let resource = 0;
  for (const cache of platform.caches) {
    for (let slice = 0; slice < cache.slices; slice++) script.push(["x", resource++, cacheSets(cache), cache.ways]);
  }
  return script;
}
