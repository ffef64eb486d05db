// Groups that come and go while their threads fill the cache: limbo lasts until what is left is less than the threshold, and the
// model, which is told how much that is, agrees with every number that is dealt.

import { expect, test } from "vitest";
import { loadPlatform } from "../../src/index.ts";
import type { Action } from "../helpers/plain/resctrl/actions.ts";
import type { Shape } from "../helpers/plain/resctrl/shape.ts";
import { PLATFORM_SHAPES } from "../helpers/plain/resctrl/shapes.ts";
import { firstDisagreement, type Tried } from "../helpers/plain/resctrl/trial.ts";
import { ResctrlMachine } from "../helpers/resctrl-machine.ts";
import { FakeTrace, generator, type Row, thread } from "../machine/traces.ts";

const SEED = Number(process.env.MPAM_SEED ?? Math.floor(Math.random() * 2 ** 30));
const SECOND = 1_000_000_000;
const TIDS = [100, 101, 102];
const LINE = 64;

const shape: Shape = {
  ...PLATFORM_SHAPES["one-socket"]!,
  // What counters say depends on the traffic, and is left to tests of the counters.
  neverReady: true,
  options: { debug: true },
  tasks: TIDS.map((tid) => ({ tid, uid: 0, suid: 0 })),
};

/** More lines than the cache has, so that each is forgotten after a while. */
function traffic(): FakeTrace {
  const random = generator(SEED);
  const rows: Row[] = Array.from({ length: 12_000 }, (_, time) => ({
    ...{ time, address: random(30_000) * LINE, bytes: 8, op: 0, requester: random(TIDS.length) },
  }));
  return new FakeTrace("traffic", rows, { requesters: TIDS.map((tid) => thread(tid)) });
}

const TRAFFIC = traffic();

/** Time passes with traffic. */
class Busy implements Tried {
  readonly shape = shape;

  constructor(readonly inner: ResctrlMachine) {}

  get now(): number {
    return this.inner.now;
  }

  /** Bytes of a label, counted line by line. */
  readonly occupancy = (_l3: number, partid: number, pmg: number): number => {
    const lines = this.inner.machine.export().sets.flat();
    return lines.filter((line) => line.partid === partid && line.pmg === pmg).length * LINE;
  };

  async pass(ns: number): Promise<void> {
    await this.inner.machine.replay([TRAFFIC]);
    await this.inner.machine.clock.advance(ns);
  }

  apply: Tried["apply"] = (asked, caller) => this.inner.apply(asked, caller);
  cpu: Tried["cpu"] = (cpu, online) => this.inner.cpu(cpu, online);
  registers: Tried["registers"] = (components) => this.inner.registers(components);
  labels: Tried["labels"] = () => this.inner.labels();
}

/** Groups with threads in them, and thresholds that are met sooner or later. */
function script(seed: number): Action[] {
  const random = generator(seed);
  const by = { uid: 0, gid: 0, pid: TIDS[0]! };
  const groups = ["/a", "/b", "/a/mon_groups/m", "/a/mon_groups/n", "/mon_groups/m"];
  const pick = <T>(list: readonly T[]): T => list[random(list.length)]!;
  const one = (): Action => {
    switch (random(6)) {
      case 0:
        return { by, do: "mkdir", path: pick(groups), mode: 0o755 };
      case 1:
        return { by, do: "rmdir", path: pick(groups) };
      case 2:
        return { by, do: "write", path: `${pick(groups)}/tasks`, data: `${pick(TIDS)}\n` };
      case 3:
        return {
          by,
          do: "write",
          path: "/info/L3_MON/max_threshold_occupancy",
          data: `${pick([0, 1, 5, 20]) * 4096}\n`,
        };
      case 4:
        return { by, do: "read", path: `${pick(groups)}/${pick(["mon_hw_id", "mon_data/mon_L3_00/llc_occupancy"])}` };
      default:
        return { by, do: "pass", ns: pick([SECOND / 4, SECOND, 2 * SECOND]) };
    }
  };
  return Array.from({ length: 150 }, one);
}

test.each([1, 2, 3])(
  `ids that are in limbo come back when the cache has forgotten them (seed ${SEED}, script %i)`,
  async (at) => {
    const platform = await loadPlatform(new URL("../../platforms/one-socket.yaml", import.meta.url));
    const busy = new Busy(await ResctrlMachine.mount(shape, platform, TRAFFIC));
    expect(await firstDisagreement(busy, script(SEED + at))).toBeUndefined();
    expect(busy.occupancy(0, 0, 0)).toBeGreaterThan(0);
  },
);
