// Writes to mbm_L3_assignments (resctrl-fs.md section 8). Every item takes effect at once.

import type { PlainCounters } from "./counters.ts";
import type { PlainGroup } from "./group.ts";
import { refuse } from "./refused.ts";
import type { PlainStatus } from "./status.ts";
import { split, trim, unsigned } from "./text.ts";

export const EVENT = "mbm_total_bytes";

export interface Assigning {
  readonly counters: PlainCounters;
  readonly status: PlainStatus;
  readonly group: PlainGroup;
  /** Ids of the domains that are there. */
  readonly domains: readonly number[];
}

/** False, with a text, where no counter is free. */
export function assign({ counters, status, group }: Omit<Assigning, "domains">, domain: number): boolean {
  if (counters.assign(group, domain)) return true;
  status.print(`Failed to allocate counter for ${EVENT} in domain ${domain}\n`);
  return false;
}

export function writeAssignments(text: string, assigning: Assigning): void {
  for (const line of text.split("\n")) {
    const [event, items] = split(line, ":");
    if (event !== EVENT) {
      assigning.status.print(`Invalid event ${event}\n`);
      refuse("ENOENT");
    }
    let rest = items;
    while (rest !== undefined && rest !== "") {
      const [item, behind] = split(rest, ";");
      const everywhere = writeItem(trim(item), assigning);
      rest = everywhere ? undefined : behind;
    }
  }
}

/** Whether it was for all domains. */
function writeItem(item: string, assigning: Assigning): boolean {
  const { status, domains } = assigning;
  const [id, state] = split(item, "=");
  if (id.startsWith("*")) {
    change(domains, state, "*", assigning);
    return true;
  }
  const parsed = unsigned(id, 10);
  if (!("value" in parsed)) {
    status.put("Missing domain id\n");
    refuse("EINVAL");
  }
  const domain = domains.find((one) => BigInt(one) === parsed.value);
  const printed = `${BigInt.asIntN(64, parsed.value)}`;
  if (domain === undefined) {
    status.print(`Invalid domain id ${printed}\n`);
    refuse("EINVAL");
  }
  change([domain], state, printed, assigning);
  return false;
}

function change(domains: readonly number[], state: string | undefined, id: string, assigning: Assigning): void {
  const failed = (code: "EINVAL" | "ENOSPC"): never => {
    assigning.status.print(`Assign operation '${EVENT}:${id}=${state ?? "(null)"}' failed\n`);
    refuse(code);
  };
  if (state !== "e" && state !== "_") failed("EINVAL");
  if (state === "_") {
    for (const domain of domains) assigning.counters.unassign(assigning.group, domain);
    return;
  }
  const refused = domains.filter((domain) => !assign(assigning, domain));
  if (refused.length > 0) failed("ENOSPC");
}
