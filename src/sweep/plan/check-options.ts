// The options of a plan, which are those of `mpam replay` under other keys: read by what reads those.

import { parseScript } from "../../script/index.ts";
import { parseGuests, parseKernelMode, parseWarmup } from "../../session/index.ts";
import { given, nearest, type Path, readDuration, WrittenError } from "../../written/index.ts";
import type { Plan } from "./plan.ts";
import { type Refuse, trying } from "./refuse.ts";
import type { WrittenPlan } from "./schema.ts";

type Options = Pick<Plan, "replaying" | "labels" | "script" | "do">;

export function optionsOf(options: NonNullable<WrittenPlan["options"]>, refuse: Refuse): Options {
  const path = (key: string): Path => ["options", key];
  const word = <const T extends string>(key: keyof typeof options, allowed: readonly T[]): T | undefined => {
    const found = options[key] as string | undefined;
    if (found === undefined) return undefined;
    const meant = nearest(found, allowed);
    return (
      allowed.find((one) => one === found) ??
      refuse(path(key), `is ${found}`, `${meant ? `did you mean ${meant}? ` : ""}${allowed.join(" or ")} is allowed`)
    );
  };
  const { warmup, until, guests = [], labels, script } = options;
  const partids = options["guest-partids"] ?? [];
  const mode = options["kernel-mode"];
  if (warmup !== undefined) trying(refuse, path("warmup"), () => parseWarmup(warmup));
  if (mode !== undefined) trying(refuse, path("kernel-mode"), () => parseKernelMode(mode));
  trying(refuse, path(guests.length > 0 ? "guests" : "guest-partids"), () => parseGuests(guests, partids));
  for (const [i, line] of (options.do ?? []).entries()) checkLine(line, ["options", "do", i], refuse);
  const ns = until === undefined ? undefined : readDuration(until);
  if (until !== undefined && (ns === undefined || ns < 1)) {
    refuse(path("until"), `is ${until}`, "a time such as 5ms is allowed");
  }
  return {
    replaying: given<Plan["replaying"]>({
      timing: word("timing", ["open", "closed"]),
      statistics: word("statistics", ["counts", "full"]),
      warmup,
      until: ns,
      guest: guests.length > 0 ? guests : undefined,
      guestPartid: partids.length > 0 ? partids : undefined,
      kernelMode: mode,
      compat: word("compat", ["linux-7.3"]),
      commandLine: options["command-line"],
    }),
    do: options.do ?? [],
    ...given<{ labels?: string; script?: string }>({ labels, script }),
  };
}

function checkLine(line: string, path: Path, refuse: Refuse): void {
  try {
    parseScript(line, "do");
  } catch (error) {
    if (!(error instanceof WrittenError)) throw error;
    for (const { column, found, allowed } of error.problems)
      refuse(path, `is refused at its column ${column}: ${found}`, allowed);
  }
}
