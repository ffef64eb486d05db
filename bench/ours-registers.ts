// Our contestants of the register benchmark: one cache with an MSC, laid out as power-on lays it out, and no traffic.
import { layOut } from "../src/machine/power-on.ts";
import { SPACE_NUMBERS } from "../src/machine/spaces.ts";
import { type Hardware, loadModule, onMemory } from "../src/machine/wasm.ts";
import { fillProcessor, type MscDescription, mscInstances, type Platform } from "../src/platform/index.ts";
import { addRead, BUFFER, OFFSET, PART, VALUE, WHAT, WHAT_WRITE, WORDS } from "./register-accesses.ts";

const NS = SPACE_NUMBERS.ns;
const MSC = 0;

const ABSENT = {
  capture: false,
  oflowLnkg: false,
  ofsr: false,
  cevntOflw: false,
  oflowCapt: false,
  noMatchPartid: false,
  noMatchPmg: false,
} as const;

const DESCRIPTION: MscDescription = {
  base: 0x1000_0000,
  stride: 0x1_0000,
  errata: [],
  power: "kept",
  version: "1.1",
  iidr: PART.iidr,
  spaces: { ns: { partidMax: PART.partidMax, pmgMax: PART.pmgMax } },
  nrdyUsec: 0,
  errorInterrupt: 0,
  overflowInterrupt: 0,
  cpus: [0],
  esr: 64,
  errorStyle: "level",
  errMsi: false,
  noHwOflwIntr: false,
  oflwMsi: false,
  oflowSr: false,
  localCaptEvnt: false,
  captEvents: [],
  tlMonitoring: "between",
  defaultPartid: false,
  selectorCheck: "acs",
  valueClearsStatus: "always",
  unfreeze: "value",
  scaleRounding: "nearest",
  ris: [
    {
      ris: 0,
      cpor: { cpbmWd: PART.cpbmWd },
      ccap: { cmaxWd: PART.cmaxWd, noCmax: false, cmaxSoftlim: false, cmin: false },
      mbw: {
        bwaWd: PART.bwaWd,
        max: true,
        maxLim: "both",
        min: false,
        prop: false,
        window: "paced",
        windwr: false,
        winwdUsec: 1000,
      },
      csu: { ...ABSENT, monitors: PART.csuMonitors, nrdy: "hw", csuRo: false, xcl: false },
      mbwu: { ...ABSENT, monitors: PART.mbwuMonitors, nrdy: "sw", counter: 44, rwbw: true, scale: 0 },
    },
  ],
};

const PLATFORM: Platform = {
  name: "registers",
  description: "",
  cpus: 1,
  firmware: "acpi",
  socId: 0,
  mailboxes: [],
  processor: fillProcessor({ partidMax: PART.partidMax, pmgMax: PART.pmgMax, requesters: 256 }),
  quantumNs: 1000,
  lineBytes: 64,
  clusters: [],
  seed: 1,
  numa: "interleave",
  pageBytes: 4096,
  owners: 64,
  memoryLimit: 2 ** 31,
  caches: [
    {
      level: 3,
      id: 0,
      cpus: [0],
      bytes: 2 ** 20,
      ways: 16,
      lineBytes: 64,
      policy: "lru",
      slices: 1,
      inclusive: false,
      relabelOnWriteHit: false,
      mbwu: "downstream",
      latencyNs: 20,
      msc: DESCRIPTION,
    },
  ],
  memory: [],
  smmus: [],
  devices: [],
};

export class OurMsc {
  readonly #hardware: Hardware;
  readonly #buffer: Uint32Array;

  private constructor(hardware: Hardware, memory: WebAssembly.Memory) {
    this.#hardware = hardware;
    // The machine is sealed: its memory grows no more.
    this.#buffer = new Uint32Array(memory.buffer, hardware.operations(), BUFFER * WORDS);
  }

  static async powerOn(): Promise<OurMsc> {
    const { module } = await loadModule();
    const memory = new WebAssembly.Memory({ initial: 1 });
    const hardware = await onMemory(module, memory);
    layOut(hardware, PLATFORM, mscInstances(PLATFORM), 0);
    return new OurMsc(hardware, memory);
  }

  /** Where a batch is staged, and where what it read stands afterwards. */
  get buffer(): Uint32Array {
    return this.#buffer;
  }

  batch(accesses: number): void {
    this.#hardware.batch(accesses);
  }

  /** A call for each access of a list, the sum of what was read. */
  calls(list: Uint32Array, sum: number): number {
    const hardware = this.#hardware;
    for (let at = 0; at < list.length; at += WORDS) {
      const offset = list[at + OFFSET] as number;
      if ((list[at + WHAT] as number) & WHAT_WRITE) hardware.write32(MSC, offset, list[at + VALUE] as number, NS);
      else sum = addRead(sum, hardware.read32(MSC, offset, NS));
    }
    return sum;
  }
}
