// Registers, for the register view: words of feature pages under a selection, and system registers of cpus.

import * as offsets from "../../../assembly/regs/offsets.ts";
import {
  type ExceptionLevel,
  labelPath,
  type Machine,
  nameOfMsc,
  type RequestKind,
  SYSTEM_REGISTERS,
  type SystemRegisterName,
} from "../../machine/index.ts";
import type { Space } from "../../platform/index.ts";
import type { LabelView, MscView, Reply, SelectedRead, SelectedWrite, SystemRegisterView } from "./protocol.ts";
import { replyOf } from "./reply.ts";

export class RegisterCalls {
  constructor(private readonly machine: Machine) {}

  mscs(): readonly MscView[] {
    return this.machine.mscs.map((instance) => {
      const { msc, address, description, resource } = instance;
      const spaces = Object.entries(description.spaces).map(([space, limits]) => ({
        space: space as Space,
        ...limits,
      }));
      return {
        msc,
        name: nameOfMsc(instance),
        kind: resource.kind,
        spaces,
        ris: description.ris.map(({ ris }) => ris),
        version: description.version,
        ...(address === undefined ? {} : { address }),
      };
    });
  }

  readWord(msc: number, offset: number, space: Space): Promise<Reply<number>> {
    return replyOf(() => this.machine.read32(msc, offset, space));
  }

  writeWord(msc: number, offset: number, value: number, space: Space): Promise<Reply> {
    return replyOf(() => {
      this.machine.write32(msc, offset, value, space);
      return undefined;
    });
  }

  /** Nobody comes between: below the bus nothing waits. */
  readSelected(request: SelectedRead): Promise<Reply<readonly number[]>> {
    const { msc, space } = request;
    return replyOf(() =>
      this.#selected(request, () => request.offsets.map((offset) => this.machine.read32(msc, offset, space))),
    );
  }

  writeSelected(request: SelectedWrite): Promise<Reply> {
    const { msc, space, offset, value } = request;
    return replyOf(() =>
      this.#selected(request, () => {
        this.machine.write32(msc, offset, value, space);
        return undefined;
      }),
    );
  }

  #selected<T>({ msc, space, partSel, monSel }: Omit<SelectedRead, "offsets">, work: () => T): T {
    const selectors = [
      [offsets.MPAMCFG_PART_SEL, partSel],
      [offsets.MSMON_CFG_MON_SEL, monSel],
    ] as const;
    const before: (readonly [offset: number, value: number])[] = [];
    try {
      for (const [offset, value] of selectors) {
        if (value === undefined) continue;
        before.push([offset, this.machine.read32(msc, offset, space)]);
        this.machine.write32(msc, offset, value, space);
      }
      return work();
    } finally {
      for (const [offset, value] of before) this.machine.write32(msc, offset, value, space);
    }
  }

  systemRegisters(cpu: number): Promise<Reply<readonly SystemRegisterView[]>> {
    return replyOf(() => {
      const { registers } = this.machine.cpu(cpu);
      return (Object.keys(SYSTEM_REGISTERS) as SystemRegisterName[])
        .filter((name) => registers.has(name))
        .map((name) => ({ name, value: registers.peek(name) }));
    });
  }

  writeSystemRegister(cpu: number, name: string, value: bigint): Promise<Reply> {
    return replyOf(() => {
      this.machine.cpu(cpu).registers.poke(name as SystemRegisterName, value);
      return undefined;
    });
  }

  /** Of data and of fetches, at the levels at which programs and kernels run. */
  labels(cpu: number): Promise<Reply<readonly LabelView[]>> {
    return replyOf(() => {
      const { registers } = this.machine.cpu(cpu);
      const levels: readonly ExceptionLevel[] = registers.description.el2 ? [0, 1, 2] : [0, 1];
      const kinds: readonly RequestKind[] = ["data", "fetch"];
      return levels.flatMap((el) =>
        kinds.map((kind) => {
          const { label, steps } = labelPath(registers, el, kind);
          const { partid, pmg, space } = label;
          const told = steps.filter(({ step }) => step === "register" || step === "field");
          const from = (told.length > 0 ? told : steps.slice(-1)).map(({ text }) => text).join("; ");
          return {
            requests: `EL${el}, ${kind}`,
            partid,
            pmg,
            space,
            from,
            steps: steps.map(({ text }) => text),
          };
        }),
      );
    });
  }
}
