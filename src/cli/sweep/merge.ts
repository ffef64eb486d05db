// mpam sweep merge: the results of all jobs, put together.

import { mergeFrom, SWEEP_SUFFIXES } from "../../sweep/index.ts";
import { reportTargets } from "../report-files.ts";
import { answer } from "./answer.ts";
import { type PlanFlags, prepared } from "./prepared.ts";

interface Options extends PlanFlags {
  readonly plan: string;
  readonly report: string[];
  readonly json?: boolean;
}

export async function merge(options: Options): Promise<void> {
  const targets = await reportTargets(options.report, SWEEP_SUFFIXES);
  const { expanded, store, folder, tool } = await prepared(options.plan, options);
  await answer(await mergeFrom(expanded, tool, store), folder, targets, options);
}
