// What is configured for each PARTID of a component, and bringing the hardware to it (linux-driver.md 5.3, 5.4).

import { fractionMask } from "../../assembly/regs/index.ts";
import { type Holding, NOTHING_HELD } from "../bus/index.ts";
import { ErrnoError } from "../errno/index.ts";
import type { ClassNode, ComponentNode, Ris } from "./classes.ts";
import type { Oddities } from "./compat.ts";
import type { Msc } from "./msc.ts";
import { program } from "./program.ts";
import type { PartConfig, Props } from "./types.ts";

const NOT_CONFIGURED: Readonly<PartConfig> = Object.freeze({});

/** What is configured; absent members have their reset value. */
export function storedConfig(component: ComponentNode, partid: number): Readonly<PartConfig> {
  return component.configs.get(partid) ?? NOT_CONFIGURED;
}

export interface ApplyOptions {
  readonly odd: Oddities;
  /** Asked again under each lock; throws. */
  readonly stillEnabled: () => void;
  /** Ends waiting for the first lock. What has begun is done to its end. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Takes the members of `config` into what is stored, and programs every RIS of the component when one of them is new.
 * A control that was never configured counts as having all its bits: writing that is no change. An MSC whose cpus are all
 * offline is left alone: it is programmed when one of them comes back.
 */
export async function applyConfig(
  component: ComponentNode,
  partid: number,
  config: PartConfig,
  { odd, stillEnabled, signal }: ApplyOptions,
): Promise<void> {
  checkConfig(config);
  const [first] = component.vmscs;
  const attempt = Symbol();
  let begun = false;
  try {
    for (const vmsc of component.vmscs) {
      const write = async (holding: Holding): Promise<boolean> => {
        stillEnabled();
        begun ||= store(component, partid, config, attempt, odd);
        if (!begun) return false;
        if (vmsc.msc.away) return true;
        for (const ris of vmsc.ris) {
          ris.inResetState = false;
          // Read now, not before the wait: whoever stored last has the last word in every part.
          await program(ris, partid, storedConfig(component, partid), holding);
        }
        return true;
      };
      if (!(await vmsc.msc.cfgLock.run(NOTHING_HELD, write, vmsc === first ? signal : undefined))) return;
    }
    if (component.unsure.get(partid) === attempt) component.unsure.delete(partid);
  } catch (error) {
    // A reset may have taken it off the list meanwhile.
    if (begun && !component.unsure.has(partid)) component.unsure.set(partid, attempt);
    throw error;
  }
}

/** False: that is what is stored, and written, already. */
function store(component: ComponentNode, partid: number, config: PartConfig, attempt: symbol, odd: Oddities): boolean {
  const stored = storedConfig(component, partid);
  const changed = changedMembers(component.class.props, stored, odd.firstWordOnly ? cutToWord(config) : config, odd);
  if (changed !== undefined) component.configs.set(partid, Object.freeze({ ...stored, ...changed }));
  else if (odd.forgetsFailedWrites || !component.unsure.has(partid)) return false;
  // Until all parts have been written, repeating the same configuration must write it.
  component.unsure.set(partid, attempt);
  return true;
}

export interface ResetOptions {
  readonly odd: Oddities;
  readonly partidMax: number;
  /** MSCs that no cpu reaches. */
  readonly unreachable: (msc: Msc) => boolean;
  /** Ends waiting for the first lock. */
  readonly signal?: AbortSignal | undefined;
}

/** Forgets what is configured and resets the RIS that are not in reset state. Goes on after a failure, which is thrown. */
export async function resetComponent(component: ComponentNode, options: ResetOptions): Promise<void> {
  const { odd, partidMax, unreachable, signal } = options;
  const [first] = component.vmscs;
  const failures: unknown[] = [];
  for (const vmsc of component.vmscs) {
    const reset = async (holding: Holding): Promise<void> => {
      if (vmsc === first) component.configs.clear();
      if (unreachable(vmsc.msc)) return;
      try {
        for (const ris of vmsc.ris) await resetRis(ris, partidMax, holding);
      } catch (error) {
        failures.push(error);
      }
    };
    if (odd.resetsWithoutLock) {
      if (vmsc === first) signal?.throwIfAborted();
      await reset(NOTHING_HELD);
    } else await vmsc.msc.cfgLock.run(NOTHING_HELD, reset, vmsc === first ? signal : undefined);
  }
  if (failures.length > 0) throw failures[0];
  component.unsure.clear();
}

/** All components of a class, whatever fails in one of them; the first failure is thrown. */
export async function resetClass({ components }: ClassNode, options: ResetOptions): Promise<void> {
  const failures: unknown[] = [];
  for (const component of [...components]) {
    try {
      await resetComponent(component, options);
    } catch (error) {
      if (options.signal?.aborted) throw error;
      failures.push(error);
    }
  }
  if (failures.length > 0) throw failures[0];
}

/** Programs every PARTID as its component says; under the cfg lock. */
export async function programRis(ris: Ris, partidMax: number, holding: Holding): Promise<void> {
  const component = ris.vmsc.component;
  ris.inResetState = false;
  let configured = false;
  for (let partid = 0; partid <= partidMax; partid++) {
    const config = storedConfig(component, partid);
    configured ||= config !== NOT_CONFIGURED;
    await program(ris, partid, config, holding);
  }
  ris.inResetState = !configured;
}

/** Programs every PARTID to its reset values, unless they are known to be there; under the cfg lock. */
export async function resetRis(ris: Ris, partidMax: number, holding: Holding): Promise<void> {
  if (ris.inResetState) return;
  for (let partid = 0; partid <= partidMax; partid++) await program(ris, partid, NOT_CONFIGURED, holding);
  ris.inResetState = true;
}

type Member = keyof PartConfig;
const MEMBERS: readonly Member[] = ["cpbm", "mbwPbm", "mbwMax"];

function changedMembers(props: Props, stored: PartConfig, config: PartConfig, odd: Oddities): PartConfig | undefined {
  const changed: { [member in Member]?: number } = {};
  for (const member of MEMBERS) {
    const value = config[member];
    if (value !== undefined && value !== (stored[member] ?? unconfiguredValue(props, member, odd)))
      changed[member] = value;
  }
  return Object.keys(changed).length === 0 ? undefined : changed;
}

/** What a control has before anybody configures it, where a number can say it. */
function unconfiguredValue(props: Props, member: Member, odd: Oddities): number | undefined {
  if (member === "mbwMax") return fractionMask(props.bwaWd);
  const all = member === "cpbm" ? props.cpbmWd : props.mbwPbmBits;
  const width = odd.firstWordOnly ? Math.min(all, 32) : all;
  return width <= 53 ? 2 ** width - 1 : undefined;
}

/** Bitmaps as a u32 holds them. */
function cutToWord({ cpbm, mbwPbm, ...rest }: PartConfig): PartConfig {
  return {
    ...rest,
    ...(cpbm === undefined ? {} : { cpbm: cpbm % 2 ** 32 }),
    ...(mbwPbm === undefined ? {} : { mbwPbm: mbwPbm % 2 ** 32 }),
  };
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
