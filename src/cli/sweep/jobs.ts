// --jobs: how many units are run at once.

import { availableParallelism } from "node:os";
import { UsageError, whole } from "../../written/index.ts";

/** One for each cpu where nothing is said. Throws a UsageError. */
export function jobsFrom(text: string | undefined): number {
  if (text === undefined) return availableParallelism();
  const jobs = whole("jobs", text);
  if (jobs < 1 || jobs > 1024) throw new UsageError(`jobs '${text}': 1 to 1024 is allowed`);
  return jobs;
}
