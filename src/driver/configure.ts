// What is configured for each PARTID of a component, and bringing the hardware to it (linux-driver.md 5.3, 5.4).

import { fractionMask } from "../../assembly/regs/index.ts";
import { type Holding, NOTHING_HELD } from "../bus/index.ts";
import { ErrnoError } from "../errno/index.ts";
import type { ComponentNode, Ris } from "./classes.ts";
import { program } from "./program.ts";
import type { PartConfig, Props } from "./types.ts";

const NOT_CONFIGURED: Readonly<PartConfig> = Object.freeze({});

/** What is configured; absent members have their reset value. */
export function storedConfig(component: ComponentNode, partid: number): Readonly<PartConfig> {
  return component.configs.get(partid) ?? NOT_CONFIGURED;
}

/**
 * Takes the members of `config` into what is stored, and programs every RIS of the component when one of them is new.
 * A control that was never configured counts as having all its bits: writing that is no change. `stillEnabled` is asked
 * again under each lock, and throws.
 */
export async function applyConfig(
  component: ComponentNode,
  partid: number,
  config: PartConfig,
  stillEnabled: () => void,
): Promise<void> {
  checkConfig(config);
  const stored = storedConfig(component, partid);
  const changed = changedMembers(component.class.props, stored, config);
  if (changed !== undefined) component.configs.set(partid, Object.freeze({ ...stored, ...changed }));
  else if (!component.unsure.has(partid)) return;
  // Until all parts have been written, repeating the same configuration must write it.
  component.unsure.add(partid);
  try {
    for (const vmsc of component.vmscs) {
      await vmsc.msc.cfgLock.run(NOTHING_HELD, async (holding) => {
        stillEnabled();
        for (const ris of vmsc.ris) {
          ris.inResetState = false;
          // Read now, not before the wait: whoever stored last has the last word in every part.
          await program(ris, partid, storedConfig(component, partid), holding);
        }
      });
    }
    component.unsure.delete(partid);
  } catch (error) {
    component.unsure.add(partid);
    throw error;
  }
}

/** Forgets what is configured and resets the RIS that are not in reset state. */
export async function resetComponent(component: ComponentNode, partidMax: number): Promise<void> {
  component.configs.clear();
  for (const vmsc of component.vmscs) {
    // Linux 7.3 does this without the cfg lock.
    await vmsc.msc.cfgLock.run(NOTHING_HELD, async (holding) => {
      for (const ris of vmsc.ris) await resetRis(ris, partidMax, holding);
    });
  }
  component.unsure.clear();
}

/** Programs every PARTID as its component says; under the cfg lock. */
export async function programRis(ris: Ris, partidMax: number, holding: Holding): Promise<void> {
  const component = ris.vmsc.component;
  ris.inResetState = false;
  for (let partid = 0; partid <= partidMax; partid++) {
    await program(ris, partid, storedConfig(component, partid), holding);
  }
  ris.inResetState = component.configs.size === 0;
}

/** Programs every PARTID to its reset values, unless they are known to be there; under the cfg lock. */
export async function resetRis(ris: Ris, partidMax: number, holding: Holding): Promise<void> {
  if (ris.inResetState) return;
  for (let partid = 0; partid <= partidMax; partid++) await program(ris, partid, NOT_CONFIGURED, holding);
  ris.inResetState = true;
}

type Member = keyof PartConfig;
const MEMBERS: readonly Member[] = ["cpbm", "mbwPbm", "mbwMax"];

function changedMembers(props: Props, stored: PartConfig, config: PartConfig): PartConfig | undefined {
  const changed: { [member in Member]?: number } = {};
  for (const member of MEMBERS) {
    const value = config[member];
    if (value !== undefined && value !== (stored[member] ?? unconfiguredValue(props, member))) changed[member] = value;
  }
  return Object.keys(changed).length === 0 ? undefined : changed;
}

/** What a control has before anybody configures it, where a number can say it. */
function unconfiguredValue(props: Props, member: Member): number | undefined {
  if (member === "mbwMax") return fractionMask(props.bwaWd);
  const width = member === "cpbm" ? props.cpbmWd : props.mbwPbmBits;
  return width <= 53 ? 2 ** width - 1 : undefined;
}

function checkConfig(config: PartConfig): void {
  for (const member of MEMBERS) {
    const value = config[member];
    if (value === undefined) continue;
    const most = member === "mbwMax" ? 0xffff : Number.MAX_SAFE_INTEGER;
    if (Number.isInteger(value) && value >= 0 && value <= most) continue;
    throw new ErrnoError("EINVAL", `${member} is ${value}; an integer from 0 to ${most} would do`);
  }
}
