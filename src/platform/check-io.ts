// What the keys of SMMUs and devices say about each other and about the machine.

import { at, type Path, type Report } from "../written/index.ts";
import type { WrittenPlatform } from "./schema.ts";
import type { WrittenSmmu } from "./schema-io.ts";
import type { Platform } from "./types.ts";
import type { DeviceDescription, SmmuDescription, StreamDescription, StreamSpace } from "./types-io.ts";

/** Virtual PARTIDs of a VM: VMS.PARTID_MAP has as many. */
const VIRTUAL_PARTIDS = 32;

export function checkSmmus({ smmus }: Platform, written: WrittenPlatform, report: Report): void {
  smmus.forEach((smmu, index) => {
    const path = ["smmus", index];
    const aligned = (base: number, where: Path) => {
      if (base % 2 ** 16 === 0) return;
      report(where, `${at(where)} is 0x${base.toString(16)}`, "a multiple of 64 KiB (0x1_0000) is allowed");
    };
    aligned(smmu.base, [...path, "base"]);
    if (smmu.realm) aligned(smmu.realm.base, [...path, "realm", "base"]);
    checkLimits(smmu, written.smmus?.[index], path, report);
    const taken = new Map<string, number>();
    smmu.streams.forEach((stream, place) => {
      const key = `${stream.space} ${stream.sid}`;
      const first = taken.get(key);
      taken.set(key, first ?? place);
      const where = [...path, "streams", place];
      if (first !== undefined) {
        report(
          [...where, "sid"],
          `${at([...where, "sid"])} is ${stream.sid}, as streams[${first}] has it`,
          "each of a space has its own",
        );
      }
      checkStream(smmu, stream, where, report);
    });
    checkVms(smmu, path, report);
  });
}

function checkLimits(smmu: SmmuDescription, written: WrittenSmmu | undefined, path: Path, report: Report): void {
  for (const key of ["partidMax", "pmgMax"] as const) {
    const where = [...path, key];
    if (smmu.mpam && written?.[key] === undefined) {
      report(path, `${at(path)} has no ${key}`, "it is needed, or mpam: false");
    } else if (!smmu.mpam && smmu[key] !== 0) {
      report(where, `${at(where)} is ${smmu[key]} with mpam: false`, "0 is allowed, or mpam: true");
    }
    const secure = [...path, "secure", key];
    if (!smmu.mpam && smmu.secure && smmu.secure[key] !== 0) {
      report(secure, `${at(secure)} is ${smmu.secure[key]} with mpam: false`, "0 is allowed, or mpam: true");
    }
  }
}

/** What requests of a stream can be labelled with. */
function limitsOf(
  smmu: SmmuDescription,
  { space, mpamNs }: StreamDescription,
): { readonly partidMax: number; readonly pmgMax: number } {
  return space === "s" && !mpamNs && smmu.secure ? smmu.secure : smmu;
}

/** HAS_MPAM_NS of a state; undefined: the SMMU does not have the state. */
function hasMpamNs({ secure, realm }: SmmuDescription, space: StreamSpace): boolean | undefined {
  return space === "ns" ? false : (space === "s" ? secure : realm)?.mpamNs;
}

function checkStream(smmu: SmmuDescription, stream: StreamDescription, path: Path, report: Report): void {
  const { space, config, s1mpam, substreams, vms } = stream;
  const wrong = (key: string, is: string, allowed: string) =>
    report([...path, key], `${at([...path, key])} ${is}`, allowed);
  const has = hasMpamNs(smmu, space);
  if (has === undefined) {
    const key = space === "s" ? "secure" : "realm";
    wrong("space", `is ${space}, and the SMMU has no ${key}`, `ns is allowed, or ${key} beside base`);
  } else if (stream.mpamNs && !has) {
    const allowed =
      space === "ns" ? "space s or rl is needed" : "mpamNs: true beside the limits of its space is needed";
    wrong("mpamNs", `is true in space ${space}`, allowed);
  }
  const stage1 = config === "stage1" || config === "nested";
  if (s1mpam && !stage1) wrong("s1mpam", `is true with config ${config}`, "stage1 or nested is needed");
  if (!stage1 && substreams.length > 0)
    wrong("substreams", `stands with config ${config}`, "stage1 or nested is needed");
  const virtual = config === "nested" && s1mpam;
  if (vms.length > 0 && !virtual) wrong("vms", "is not used", "config: nested and s1mpam: true are needed");
  if (vms.length > VIRTUAL_PARTIDS) wrong("vms", `has ${vms.length} entries`, `up to ${VIRTUAL_PARTIDS} are allowed`);
  const most = limitsOf(smmu, stream);
  const fits = (value: number, max: number, where: Path) => {
    if (value > max) report(where, `${at(where)} is ${value}`, `the SMMU allows 0 to ${max} here`);
  };
  fits(stream.partid, most.partidMax, [...path, "partid"]);
  fits(stream.pmg, most.pmgMax, [...path, "pmg"]);
  vms.forEach((partid, entry) => void fits(partid, most.partidMax, [...path, "vms", entry]));
  substreams.forEach(({ ssid, partid, pmg }, place) => {
    const where = [...path, "substreams", place];
    const first = substreams.findIndex((other) => other.ssid === ssid);
    if (first < place) {
      const found = `${at([...where, "ssid"])} is ${ssid}, as substreams[${first}] has it`;
      report([...where, "ssid"], found, "each has its own");
    }
    fits(partid, virtual ? VIRTUAL_PARTIDS - 1 : most.partidMax, [...where, "partid"]);
    fits(pmg, most.pmgMax, [...where, "pmg"]);
  });
}

/** Streams of one VM share its VMS. */
function checkVms({ streams }: SmmuDescription, path: Path, report: Report): void {
  const nested = streams.map(({ config, s1mpam }) => config === "nested" && s1mpam);
  streams.forEach(({ space, vmid, vms }, place) => {
    if (!nested[place]) return;
    const first = streams.findIndex((one, i) => nested[i] && one.space === space && one.vmid === vmid);
    if (first === place || JSON.stringify(streams[first]?.vms) === JSON.stringify(vms)) return;
    const where = [...path, "streams", place, "vms"];
    const found = `${at(where)} differs from that of streams[${first}], which has vmid ${vmid} too`;
    report(where, found, "streams of one vmid share one map");
  });
}

export function checkDevices(platform: Platform, written: WrittenPlatform, report: Report): void {
  platform.devices.forEach((device, index) => {
    const path = ["devices", index];
    const first = platform.devices.findIndex(({ name }) => name === device.name);
    if (first < index) {
      const where = [...path, "name"];
      report(where, `${at(where)} is ${device.name}, as devices[${first}] has it`, "each has its own");
    }
    const label = written.devices?.[index]?.label;
    const { space, partid, pmg } = device.label;
    // A platform that has been checked has what is absent written out.
    const isAbsent = space === "ns" && partid === 0 && pmg === 0 && label?.pmg !== undefined;
    if (device.stream && label && !isAbsent) {
      const where = [...path, "label"];
      report(where, `${at(where)} stands beside stream`, "an SMMU labels all requests: one of them is allowed");
    }
    if (device.stream) checkDeviceStream(platform, device.stream, [...path, "stream"], report);
    if (device.ats && !device.stream) {
      const where = [...path, "ats"];
      report(where, `${at(where)} is true without a stream`, "the SMMU that translates is needed");
    }
    checkEntry(platform, device, written.devices?.[index]?.enters?.id, [...path, "enters"], report);
  });
}

function checkDeviceStream(
  { smmus }: Platform,
  { smmu, sid, ssid, space }: NonNullable<DeviceDescription["stream"]>,
  path: Path,
  report: Report,
): void {
  const its = smmus[smmu];
  if (!its) {
    const where = [...path, "smmu"];
    const allowed = smmus.length === 0 ? "the key smmus is needed" : `0 to ${smmus.length - 1} is allowed`;
    report(where, `${at(where)} is ${smmu}`, allowed);
    return;
  }
  const stream = its.streams.find((one) => one.sid === sid && one.space === space);
  if (!stream) {
    const where = [...path, "sid"];
    const there = its.streams.filter((one) => one.space === space).map((one) => one.sid);
    const allowed = `one of its streams (${there.join(", ") || "none"}) is allowed`;
    report(where, `${at(where)} is ${sid}, and smmus[${smmu}] has no such stream in space ${space}`, allowed);
  } else if (ssid !== undefined && !stream.substreams.some((one) => one.ssid === ssid)) {
    const where = [...path, "ssid"];
    const there = stream.substreams.map((one) => one.ssid).join(", ") || "none";
    report(where, `${at(where)} is ${ssid}, and the stream has no such substream`, `one of them (${there}) is allowed`);
  }
}

function checkEntry(
  { caches }: Platform,
  { enters }: DeviceDescription,
  written: number | undefined,
  path: Path,
  report: Report,
): void {
  if (enters === "memory") return;
  const { level, id } = enters;
  const ids = caches.filter((cache) => cache.level === level).map((cache) => cache.id);
  const found = `${at(path)} is L${level}${written === undefined ? "" : ` ${written}`}`;
  if (ids.length === 0) {
    const levels = [...new Set(caches.map((cache) => `L${cache.level}`))].sort();
    report(path, found, `${["memory", ...levels].join(", ")} are there`);
  } else if (written === undefined && ids.length > 1) {
    report(path, `${found}, and there are ${ids.length}`, `one of them is needed, such as L${level} ${ids[0]}`);
  } else if (!ids.includes(id)) report(path, found, `L${level} with one of the ids ${ids.join(", ")} is allowed`);
}
