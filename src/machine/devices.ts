// Requesters that are not cpus: devices, each with a label of its own or that of a stream, and where they enter.

import { ErrnoError } from "../errno/index.ts";
import type { DeviceDescription, Platform } from "../platform/index.ts";
import { TO_MEMORY } from "./power-on.ts";
import type { Smmu, StreamRequest } from "./smmu/index.ts";
import { isDevice, type TraceRequester, type TraceSource } from "./source.ts";
import type { Label } from "./spaces.ts";

type Route = NonNullable<DeviceDescription["stream"]>;

/** Where a label comes from: a stream, or the device itself. */
interface Origin {
  readonly name: string;
  readonly route?: Route;
  readonly label: Label;
  readonly ats: boolean;
}

interface Known {
  readonly requester: number;
  readonly origin: Origin;
}

export interface DevicesState {
  readonly requesters: readonly Known[];
  readonly fixed: readonly (readonly [requester: number, label: Label])[];
  readonly changed: readonly number[];
  readonly carried: readonly (readonly [requester: number, label: Label])[];
}

type SetLabel = (requester: number, op: number, label: Label) => boolean;

const DEFAULT: Label = { space: "ns", partid: 0, pmg: 0 };

/** Who sends requests of a device, for the address space of whose memory it reads and writes. */
export class Devices {
  readonly #known = new Map<number, Origin>();
  /** Labels that hold whatever an SMMU says. */
  readonly #fixed = new Map<number, Label>();
  /** Requesters whose label may differ from what the hardware has. */
  readonly #changed = new Set<number>();
  readonly #carried = new Map<number, Label>();

  /** @param caches The resource where requests that enter a cache of the platform go first, cache by cache. */
  constructor(
    private readonly platform: Pick<Platform, "devices" | "caches" | "smmus">,
    private readonly smmus: readonly Smmu[],
    private readonly caches: readonly number[],
    private readonly enter: (requester: number, resource: number) => void,
    state?: DevicesState,
  ) {
    if (!state) return;
    for (const { requester, origin } of state.requesters) this.#known.set(requester, origin);
    for (const [requester, label] of state.fixed) this.#fixed.set(requester, label);
    for (const requester of state.changed) this.#changed.add(requester);
    for (const [requester, label] of state.carried) this.#carried.set(requester, label);
  }

  /** EINVAL for a trace that names devices or streams that are not there. */
  check({ requesters, name }: Pick<TraceSource, "requesters" | "name">): void {
    for (const who of requesters) if (isDevice(who)) this.#described(who, name);
  }

  /** The requester is a device from now on. EINVAL as `check`. */
  add(requester: number, who: TraceRequester, trace: string): void {
    const { origin, enters } = this.#described(who, trace);
    const { caches } = this.platform;
    const cache =
      enters === "memory" ? -1 : caches.findIndex((one) => one.level === enters.level && one.id === enters.id);
    this.enter(requester, this.caches[cache] ?? TO_MEMORY);
    this.#known.set(requester, origin);
    if (who.label) this.#fixed.set(requester, who.label);
    this.#changed.add(requester);
  }

  #described(
    { device, stream }: TraceRequester,
    trace: string,
  ): { readonly origin: Origin; readonly enters: DeviceDescription["enters"] } {
    const { devices, smmus } = this.platform;
    if (device !== undefined) {
      const found = devices.find(({ name }) => name === device);
      if (found) {
        const { stream: route, name, label, ats } = found;
        return { origin: { name: `device ${name}`, ...(route ? { route } : {}), label, ats }, enters: found.enters };
      }
      const there = devices.map(({ name }) => name).join(", ");
      const allowed = there === "" ? "the platform has none (devices)" : `there are ${there}`;
      throw new ErrnoError("EINVAL", `${trace}: there is no device ${device}; ${allowed}`);
    }
    const { smmu, sid, ssid } = stream as NonNullable<TraceRequester["stream"]>;
    if (!smmus[smmu]) {
      const there = smmus.length === 0 ? "the platform has none (smmus)" : `there are 0 to ${smmus.length - 1}`;
      throw new ErrnoError("EINVAL", `${trace}: there is no SMMU ${smmu}; ${there}`);
    }
    // Whoever is known to send them says where they enter.
    const owners = devices.filter((one) => one.stream?.smmu === smmu && one.stream.sid === sid);
    const owner = owners.find((one) => one.stream?.ssid === ssid) ?? owners[0];
    const route: Route = { smmu, sid, ...(ssid === undefined ? {} : { ssid }), space: owner?.stream?.space ?? "ns" };
    const name = `stream ${sid} of SMMU ${smmu}`;
    return { origin: { name, route, label: DEFAULT, ats: false }, enters: owner?.enters ?? "memory" };
  }

  /** Whether a requester is a device. */
  has(requester: number): boolean {
    return this.#known.has(requester);
  }

  /** Fixes the label of a requester from the next edge on; `undefined` gives it back to its device. */
  setLabel(requester: number, label: Label | undefined): void {
    if (label) this.#fixed.set(requester, label);
    else this.#fixed.delete(requester);
    this.#changed.add(requester);
  }

  /** The labels that are fixed, by requester. */
  get fixedLabels(): ReadonlyMap<number, Label> {
    return this.#fixed;
  }

  /** What the requests of each requester have carried since the last edge. */
  get labels(): ReadonlyMap<number, Label> {
    return this.#carried;
  }

  /** Something was written to an SMMU: what its streams carry may be another label. */
  smmuChanged(smmu: number): void {
    for (const [requester, { route }] of this.#known) if (route?.smmu === smmu) this.#changed.add(requester);
  }

  /** What a requester's requests carry once the next edge has come. EIO: an SMMU lets none of them pass. */
  labelOf(requester: number): Label {
    const fixed = this.#fixed.get(requester);
    if (fixed) return fixed;
    const origin = this.#known.get(requester);
    if (!origin?.route) return origin?.label ?? DEFAULT;
    const { smmu, sid, ssid, space } = origin.route;
    const request: StreamRequest = {
      ...(ssid === undefined ? {} : { ssid }),
      space,
      kind: origin.ats ? "ats-translated" : "client",
    };
    const found = (this.smmus[smmu] as Smmu).label(sid, request);
    if (!("aborted" in found)) return { space: found.space, partid: found.partid, pmg: found.pmg };
    throw new ErrnoError("EIO", `${origin.name}: SMMU ${smmu} lets none of its requests pass: ${found.aborted}`);
  }

  /** Whether labels wait for an edge. */
  get pending(): boolean {
    return this.#changed.size > 0;
  }

  /** Hands changed requesters their labels, as far as there are owners for them. True: all of them. EIO as `labelOf`. */
  flush(set: SetLabel): boolean {
    const moving = new Set<number>();
    this.smmus.forEach((smmu, index) => {
      if (!smmu.settle()) moving.add(index);
    });
    let all = true;
    for (const requester of [...this.#changed]) {
      const label = this.labelOf(requester);
      let isSet = true;
      for (let op = 0; op < 4 && isSet; op++) isSet = set(requester, op, label);
      all &&= isSet;
      if (isSet) this.#carried.set(requester, label);
      const route = this.#known.get(requester)?.route;
      // What was written to its SMMU and does not act yet asks for one more edge.
      if (isSet && !(route && moving.has(route.smmu))) this.#changed.delete(requester);
    }
    return all;
  }

  /** Takes labels away from those that are to change, so that the owners of these come free. */
  leave(set: SetLabel): void {
    for (const requester of this.#changed) for (let op = 0; op < 4; op++) set(requester, op, DEFAULT);
  }

  /** For a snapshot. */
  save(): DevicesState {
    return {
      requesters: [...this.#known].map(([requester, origin]) => ({ requester, origin })),
      fixed: [...this.#fixed],
      changed: [...this.#changed],
      carried: [...this.#carried],
    };
  }
}
