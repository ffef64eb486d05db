// mpam sweep merge: the results of all jobs, put together.

import { mergeFrom } from "../../sweep/index.ts";
import { answer, answerTargets } from "./answer.ts";
import { type PlanFlags, prepared } from "./prepared.ts";

interface Options extends PlanFlags {
  readonly plan: string;
  readonly report: string[];
  readonly json?: boolean;
}

export async function merge(options: Options): Promise<void> {
  const targets = await answerTargets(options.report);
  const { expanded, store, folder, tool } = await prepared(options.plan, options);
  await answer(await mergeFrom(expanded, tool, store), folder, targets, options);
}
