// Why a driver did not enable MPAM, and what would change that: its own words, and the questions it asks of firmware before it
// touches a register (linux-driver.md 1.2).

import { type FirmwareDescription, type FirmwareMsc, isPrivateInterrupt } from "../firmware/index.ts";
import type { Kernel } from "../machine/index.ts";
import type { Finding } from "../resctrl/index.ts";
import { showCpus } from "../written/index.ts";

interface Question {
  readonly rule: string;
  readonly asks: string;
  readonly section: string;
  look(firmware: FirmwareDescription): { readonly found: string; readonly change: string } | undefined;
}

const QUESTIONS: readonly Question[] = [
  {
    rule: "msc",
    asks: "does firmware describe an MSC?",
    section: "driver 1.2",
    look: ({ mscs }) =>
      mscs.length > 0 ? undefined : { found: "none", change: "an `msc` at a cache or a memory node (MPAM table)" },
  },
  {
    rule: "counted",
    asks: "are all MSCs that firmware counts described well?",
    section: "driver 8.3",
    look: ({ counted, mscs }) =>
      counted === mscs.length
        ? undefined
        : {
            found: `${mscs.length} of ${counted}`,
            change: "nodes of the MPAM table that can be used; the remarks say which are not",
          },
  },
  {
    rule: "reachable",
    asks: "does a cpu reach each MSC?",
    section: "driver 1.2",
    look: ({ mscs }) => {
      const none = mscs.filter(({ cpus }) => cpus.size === 0);
      if (none.length === 0) return undefined;
      return { found: `none reaches MSC ${numbers(none)}`, change: "`msc.cpus` (the linked device of the MPAM table)" };
    },
  },
  {
    rule: "error-interrupt",
    asks: "does every cpu reach an MSC whose error interrupt is shared?",
    section: "driver 1.2",
    look: ({ mscs, cpus }) => {
      const some = mscs.filter(
        (msc) =>
          msc.errorInterrupt !== 0 &&
          !isPrivateInterrupt(msc.errorInterrupt) &&
          cpus.some(({ cpu }) => !msc.cpus.has(cpu)),
      );
      const [first] = some;
      if (first === undefined) return undefined;
      const missing = cpus.filter(({ cpu }) => !first.cpus.has(cpu)).map(({ cpu }) => cpu);
      return {
        found: `MSC ${numbers(some)}: interrupt ${first.errorInterrupt}, and cpus ${showCpus(missing)} do not`,
        change: "`errorInterrupt` of 16 to 31 (private), or 0; or all cpus in `msc.cpus`",
      };
    },
  },
];

function numbers(mscs: readonly FirmwareMsc[]): string {
  return showCpus(mscs.map(({ id }) => id));
}

/** What the cpus, their firmware or the command line keep the kernel from (linux-driver.md 10.2). */
export function refusedByCpus({ booted, features }: Pick<Kernel, "booted" | "features">): Finding[] {
  const ask = (rule: string, asks: string, found: string, change: string): Finding[] => [
    { rule, asks, section: "driver 10.2", holds: false, found, change },
  ];
  if (booted && features === undefined) {
    const change = "`processor.firmware.traps: false`, or `arm64.nompam` on the command line";
    return ask("registers", "does firmware let the kernel reach the registers of the cpus?", "it traps", change);
  }
  if (features?.without === undefined) return [];
  const change =
    "`processor.version` of every cpu, `processor.firmware.enables`, and a command line without `arm64.nompam`";
  return ask("cpus", "do the cpus have MPAM, and may it be used?", `no: ${features.without}`, change);
}

/** The questions that firmware answers wrongly; none where the reason lies in the hardware. */
export function refusedByDriver(firmware: FirmwareDescription): Finding[] {
  return QUESTIONS.flatMap(({ rule, asks, section, look }) => {
    const refused = look(firmware);
    return refused === undefined ? [] : [{ rule, asks, section, holds: false, ...refused }];
  });
}
