// mpam probe: what a driver finds on a platform.

import { Driver, type MpamClass } from "../driver/index.ts";
import { Machine } from "../machine/index.ts";
import { loadPlatform, type MscInstance, platformNotes } from "../platform/index.ts";
import { showCpus } from "../written/index.ts";
import { bundled, DEFAULT_PLATFORM } from "./bundled.ts";
import { logRegisters, parseLogRegisters } from "./log-registers.ts";
import { table } from "./output.ts";

export async function probe(
  path: string | undefined,
  options: { json?: boolean; logRegisters?: string },
): Promise<void> {
  const filter = parseLogRegisters(options.logRegisters);
  const platform = await loadPlatform(path ?? bundled(DEFAULT_PLATFORM));
  const machine = await Machine.create(platform);
  if (filter) logRegisters(machine, filter);
  const driver = await Driver.probe(machine);
  const found = {
    platform: platform.name,
    mscs: machine.mscs.map(describeMsc),
    partids: driver.partidMax + 1,
    pmgs: driver.pmgMax + 1,
    classes: driver.classes.map(describeClass),
    notes: platformNotes(platform),
  };
  process.stdout.write(options.json ? `${JSON.stringify(found)}\n` : `${describe(found)}\n`);
}

function describeMsc({ msc, address, resource }: MscInstance) {
  if (resource.kind === "cache") {
    const { level, id, slices } = resource.cache;
    const name = slices === 1 ? `L${level} ${id}` : `L${level} ${id}.${resource.slice}`;
    return { msc, address, resource: resource.kind, name };
  }
  const { node, channels } = resource.memory;
  return {
    msc,
    address,
    resource: resource.kind,
    name: channels === 1 ? `node ${node}` : `node ${node}.${resource.channel}`,
  };
}

function describeClass(one: MpamClass) {
  const { features, ...widths } = one.props;
  return {
    type: one.type,
    level: one.level,
    components: one.components.map((component) => ({ id: component.id, cpus: [...component.affinity] })),
    features: [...features].sort(),
    widths: Object.fromEntries(Object.entries(widths).filter(([, width]) => width !== 0)),
  };
}

interface Found {
  readonly platform: string;
  readonly mscs: readonly ReturnType<typeof describeMsc>[];
  readonly partids: number;
  readonly pmgs: number;
  readonly classes: readonly ReturnType<typeof describeClass>[];
  readonly notes: readonly string[];
}

function describe(found: Found): string {
  const mscs = table(
    ["msc", "address", "stands before"],
    found.mscs.map((one) => [
      String(one.msc),
      one.address === undefined ? "mailbox" : `0x${one.address.toString(16)}`,
      one.name,
    ]),
  );
  const classes = found.classes.map((one) => {
    const name = one.type === "cache" ? `L${one.level} cache` : one.type;
    const ids = showCpus(one.components.map((component) => component.id));
    const widths = Object.entries(one.widths).map(([key, width]) => `${key} ${width}`);
    const features = one.features.length === 0 ? "nothing to control or count" : one.features.join(" ");
    return [`${name}, id ${ids}`, features, ...(widths.length === 0 ? [] : [widths.join(", ")])].join("\n  ");
  });
  const notes = found.notes.map((note) => `note: ${note}`);
  const enabled = `${found.platform}: MPAM enabled with ${found.partids} PARTIDs and ${found.pmgs} PMGs`;
  return [enabled, mscs, ...classes, ...notes].join("\n\n");
}
