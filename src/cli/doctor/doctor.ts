// mpam doctor: what works on this host, and what is missing for the rest.

import { messageOf } from "../../errno/index.ts";
import { print } from "../output.ts";
import { version } from "../version.ts";
import { type Check, type Finding, missing } from "./check.ts";
import { machine, memory, node, threads } from "./core.ts";
import { type Host, THIS_HOST } from "./host.ts";
import { fuse, namespaces, root, programs as utilLinux } from "./mounting.ts";
import { locale, programs } from "./programs.ts";
import { queue } from "./queue.ts";

export const CHECKS: readonly Check[] = [
  node,
  machine,
  threads,
  memory,
  fuse,
  utilLinux,
  namespaces,
  root,
  queue,
  ...programs,
  locale,
];

export interface Looked extends Finding {
  readonly name: string;
  readonly for: string;
  readonly core: boolean;
}

/** A check that fails is something that is missing, and no end of the others. */
export async function examine(host: Host, checks: readonly Check[] = CHECKS): Promise<Looked[]> {
  const found: Looked[] = [];
  for (const check of checks) {
    const finding = await Promise.resolve()
      .then(() => check.look(host))
      .catch((error: unknown) => missing(messageOf(error), "the check itself failed: a bug"));
    found.push({ name: check.name, for: check.for, core: check.core ?? false, ...finding });
  }
  return found;
}

/** Exit code 1 where nothing works. */
export async function doctor({ json }: { json?: boolean }): Promise<void> {
  const found = await examine(THIS_HOST);
  const works = found.every(({ core, state }) => !core || state === "ok");
  print(json, { version: version(), works, checks: found }, textOf(found));
  if (!works) process.exitCode = 1;
}

export function textOf(found: readonly Looked[]): string {
  const width = Math.max(...found.map(({ name }) => name.length));
  const lines = found.flatMap((one) => {
    const line = `${one.state.padEnd(7)}  ${one.name.padEnd(width)}  ${one.found}`;
    if (one.state === "ok") return [line];
    return [
      line,
      `${" ".repeat(width + 11)}for ${one.for}`,
      ...(one.remedy === undefined ? [] : [`${" ".repeat(width + 11)}do: ${one.remedy}`]),
    ];
  });
  const lacking = found.filter(({ state }) => state !== "ok");
  const broken = lacking.filter(({ core }) => core);
  const said =
    broken.length > 0
      ? `mpam does not work here: ${broken.map(({ name }) => name).join(", ")}`
      : lacking.length === 0
        ? "Everything works here."
        : `mpam works here. Not everything is there for the rest: ${lacking.map(({ name }) => name).join(", ")}.`;
  return [`mpam ${version()}`, "", ...lines, "", said].join("\n");
}
