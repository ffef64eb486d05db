// The file mbm_L3_assignments: which bandwidth counters a group has (resctrl-fs.md section 8).

import { ErrnoError } from "../errno/index.ts";
import { type EventName, findDomain, type MonDomain } from "../resctrl/index.ts";
import { commandOf, cut, parseUnsigned, trim } from "../tree/index.ts";
import type { GroupHandlers } from "./commands.ts";
import { assign, counterEvents, counterOf, unassign } from "./counters.ts";
import type { Group, Mount } from "./group.ts";

export function assignmentsFile(mount: Mount): GroupHandlers {
  return {
    read: (group) =>
      counterEvents(mount)
        .map((event) => {
          const states = mount.core.monDomains().map((d) => {
            return `${d.id}=${counterOf(mount, group, event, d) >= 0 ? "e" : "_"}`;
          });
          return `${event}:${states.join(";")}\n`;
        })
        .join(""),
    write: (group, bytes) => writeAssignments(mount, group, bytes),
  };
}

/** Line by line and item by item; what was done before an error stays done. */
async function writeAssignments(mount: Mount, group: Group, bytes: string): Promise<void> {
  const { status } = mount.core;
  const command = commandOf(bytes);
  if (command === undefined) {
    const message = "mbm_L3_assignments: the command must end with a newline";
    throw status.refuse("EINVAL", "mbm_L3_assignments: Invalid input\n", message);
  }
  for (const line of command.split("\n")) {
    const [name, list] = cut(line, ":");
    const event = counterEvents(mount).find((known) => known === name);
    if (event === undefined) {
      const message = `mbm_L3_assignments: no event "${name}"; there is ${counterEvents(mount).join(", ")}`;
      throw status.refuseFormatted("ENOENT", `Invalid event ${name}\n`, message);
    }
    await writeItems(mount, group, event, list ?? "");
  }
}

async function writeItems(mount: Mount, group: Group, event: EventName, list: string): Promise<void> {
  const { status } = mount.core;
  const domains = mount.core.monDomains();
  for (let rest: string | undefined = list; rest !== undefined && rest !== ""; ) {
    const [item, next] = cut(rest, ";");
    const [idText, state] = cut(trim(item), "=");
    if (idText.startsWith("*")) {
      // The rest of the line is never looked at.
      await setState(mount, group, event, domains, "*", state);
      return;
    }
    const id = parseUnsigned(idText, 10, 64);
    if (typeof id === "string") {
      throw status.refuse("EINVAL", "Missing domain id\n", `mbm_L3_assignments: "${item}" is not <domain>=<e|_>`);
    }
    const shown = BigInt.asIntN(64, id);
    const d = findDomain(domains, Number(id));
    if (d === undefined) {
      const message = `mbm_L3_assignments: no domain ${shown}; there is ${domains.map((other) => other.id).join(", ")}`;
      throw status.refuseFormatted("EINVAL", `Invalid domain id ${shown}\n`, message);
    }
    await setState(mount, group, event, [d], `${shown}`, state);
    rest = next;
  }
}

/** Every domain is tried; the last error counts. */
async function setState(
  mount: Mount,
  group: Group,
  event: EventName,
  domains: readonly MonDomain[],
  shown: string,
  state: string | undefined,
): Promise<void> {
  const { status } = mount.core;
  let failed: ErrnoError | undefined;
  if (state !== "e" && state !== "_") {
    failed = new ErrnoError("EINVAL", `mbm_L3_assignments: "${state ?? ""}" is not e or _`);
  } else {
    for (const d of domains) {
      try {
        if (state === "e") await assign(mount, group, event, d);
        else await unassign(mount, group, event, d);
      } catch (error) {
        if (!(error instanceof ErrnoError)) throw error;
        failed = error;
      }
    }
  }
  if (failed === undefined) return;
  status.formatted(`Assign operation '${event}:${shown}=${state ?? "(null)"}' failed\n`);
  throw status.because(failed, "");
}
