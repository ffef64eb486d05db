// monitor info: the machine, and where its MSCs are.

import { nameOfMsc } from "../../../machine/index.ts";
import type { MscInstance } from "../../../platform/index.ts";
import { plural, table, time } from "../../../written/index.ts";
import type { Command } from "./command.ts";
import { shortName } from "./msc-named.ts";
import { showAddress } from "./show-register.ts";

export const info: Command = {
  name: "info",
  usage: "",
  about: "the platform, and its MSCs with their names, addresses, spaces and interrupts",
  run(_words, { board }) {
    const { machine } = board;
    const { platform, mscs } = machine;
    const software = board.software ? "our driver and resctrl run on it" : "bare, as firmware leaves it";
    const rows = mscs.map((one) => [shortName(one), ...rowOf(one)]);
    return [
      `${platform.name}: ${plural(platform.cpus, "cpu")}, ${plural(mscs.length, "MSC")}; ${software}`,
      `model time ${time(machine.clock.now)}`,
      table(["name", "msc", "what", "address", "spaces", "error", "overflow"], rows),
      "",
    ].join("\n");
  },
};

function rowOf(instance: MscInstance): string[] {
  const { msc, address, description } = instance;
  const { spaces, mailbox, errorInterrupt, overflowInterrupt } = description;
  const where = address === undefined ? `mailbox ${mailbox}` : showAddress(address);
  const line = (number: number | undefined) => (number === undefined ? "-" : String(number));
  const banks = Object.keys(spaces).join(",");
  return [String(msc), nameOfMsc(instance), where, banks, line(errorInterrupt), line(overflowInterrupt)];
}
