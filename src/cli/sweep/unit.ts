// mpam sweep unit: some units of a plan, as a job of an array runs them; and which those are.

import { messageOf } from "../../errno/index.ts";
import { placeText, runUnit, unitHost } from "../../sweep/index.ts";
import { plural, UsageError } from "../../written/index.ts";
import { print } from "../output.ts";
import { type PlanFlags, prepared } from "./prepared.ts";

interface Options extends PlanFlags {
  readonly plan: string;
  readonly index: string;
  readonly traces: string[];
  readonly json?: boolean;
}

export async function unit(options: Options): Promise<void> {
  const { expanded, store, tool } = await prepared(options.plan, options);
  const chosen = chosenUnits(options.index, expanded.units);
  await store.ready();
  const places = { folders: options.traces, ...(options.cache === undefined ? {} : { cacheFolder: options.cache }) };
  const host = unitHost(tool, places);
  let [run, known, failed, lost] = [0, 0, 0, 0];
  for (const one of chosen) {
    let text = await store.read(one.name);
    if (text === undefined) {
      try {
        text = await runUnit(one, host);
      } catch (error) {
        lost++;
        process.stderr.write(`mpam: ${placeText(one.place)}: ${messageOf(error)}\n`);
        continue;
      }
      await store.write(one.name, text);
      run++;
    } else known++;
    if ("failed" in JSON.parse(text)) {
      failed++;
      process.stderr.write(`mpam: ${placeText(one.place)}: ${JSON.parse(text).failed}\n`);
    }
  }
  print(
    options.json,
    { units: chosen.map(({ name }) => name), run, known, failed, lost },
    `${plural(run, "unit")} run${known > 0 ? `, ${known} known before` : ""}`,
  );
  const bad = [
    ...(failed > 0 ? [`${plural(failed, "unit")} cannot be run`] : []),
    ...(lost > 0 ? [`${plural(lost, "unit has", "units have")} no result, and may have one another time`] : []),
  ];
  if (bad.length > 0) throw new Error(`${bad.join(", ")}; the others are kept`);
}

/** "7", "0-9", "3,8-10", or "3/100", which is every hundredth from the third on, from 0. Throws a UsageError. */
export function chosenUnits<T>(text: string, units: readonly T[]): T[] {
  const share = /^(\d+)\/(\d+)$/.exec(text);
  if (share) {
    const [index, of] = [Number(share[1]), Number(share[2])];
    if (of < 1 || index >= of)
      throw new UsageError(`index '${text}': the shares of ${of} are 0/${of} to ${of - 1}/${of}`);
    return units.filter((_, i) => i % of === index);
  }
  const chosen = new Set<number>();
  for (const piece of text.split(",")) {
    const [found, from, to = from] = /^(\d+)(?:-(\d+))?$/.exec(piece.trim()) ?? [];
    const [first, last] = [Number(from), Number(to)];
    if (found === undefined || last < first) {
      throw new UsageError(
        `index '${text}': a number, a range such as 0-9, a list of them, or a share such as 3/100 is needed`,
      );
    }
    if (last >= units.length) {
      throw new UsageError(`index '${text}': the plan has ${plural(units.length, "unit")}, 0 to ${units.length - 1}`);
    }
    for (let i = first; i <= last; i++) chosen.add(i);
  }
  return [...chosen].map((i) => units[i] as T);
}
