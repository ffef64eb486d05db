// SMMUs and devices with every default filled in.

import type { WrittenDevice, WrittenSmmu, WrittenStream } from "./schema-io.ts";
import type { CacheDescription } from "./types.ts";
import type { DeviceDescription, SmmuDescription, StreamDescription } from "./types-io.ts";

export function fillSmmu(written: WrittenSmmu): SmmuDescription {
  const { secure, realm } = written;
  return {
    base: written.base,
    mpam: written.mpam ?? true,
    partidMax: written.partidMax ?? 0,
    pmgMax: written.pmgMax ?? 0,
    ...(secure ? { secure: { ...secure, mpamNs: secure.mpamNs ?? false } } : {}),
    ...(realm ? { realm: { base: realm.base, mpamNs: realm.mpamNs ?? false } } : {}),
    enabled: written.enabled ?? true,
    atschk: written.atschk ?? false,
    pasidtt: written.pasidtt ?? false,
    streams: (written.streams ?? []).map(fillStream),
  };
}

/** Stage 1 cannot do without a context descriptor: it has that of substream 0 where none is written. */
function fillStream(written: WrittenStream): StreamDescription {
  const { config, substreams } = written;
  const descriptors =
    substreams ?? (config === "stage1" || config === "nested" ? [{ ssid: 0, partid: 0, pmg: 0 }] : []);
  return {
    sid: written.sid,
    space: written.space ?? "ns",
    config,
    s1mpam: written.s1mpam ?? false,
    partid: written.partid ?? 0,
    pmg: written.pmg ?? 0,
    mpamNs: written.mpamNs ?? false,
    vmid: written.vmid ?? 0,
    vms: written.vms ?? [],
    s1dss: written.s1dss ?? "substream0",
    substreams: descriptors.map(({ ssid, partid = 0, pmg = 0 }) => ({ ssid, partid, pmg })),
  };
}

/** An entry by level alone is the first cache of that level; that there is one, and only one, is checked. */
export function fillDevice(written: WrittenDevice, caches: readonly CacheDescription[]): DeviceDescription {
  const { stream, label, enters } = written;
  const level = enters?.level ?? 0;
  const first = caches.find((cache) => cache.level === level)?.id ?? 0;
  return {
    name: written.name,
    ...(stream ? { stream: fillRoute(stream) } : {}),
    label: { space: label?.space ?? "ns", partid: label?.partid ?? 0, pmg: label?.pmg ?? 0 },
    ats: written.ats ?? false,
    enters: level === 0 ? "memory" : { level, id: enters?.id ?? first },
  };
}

function fillRoute(written: NonNullable<WrittenDevice["stream"]>): NonNullable<DeviceDescription["stream"]> {
  const { smmu = 0, sid, ssid, space = "ns" } = written;
  return { smmu, sid, ...(ssid === undefined ? {} : { ssid }), space };
}
