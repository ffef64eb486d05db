// The goals of a plan: measures that there are, of groups that there are, each once.

import { given, nearest, type Path } from "../../written/index.ts";
import { checkGroup } from "./check-groups.ts";
import { allowedLimit, readLimit } from "./limit.ts";
import { type Goal, type Limit, MEASURES, type Measure, type Plan } from "./plan.ts";
import type { Refuse } from "./refuse.ts";
import type { WrittenGoal } from "./schema.ts";

export function goalsOf(goals: readonly WrittenGoal[], groups: readonly string[], refuse: Refuse): Goal[] {
  return goals.flatMap((goal, i) => {
    const { highest, lowest, of = "all", at: level } = goal;
    const path = ["goals", i];
    const said = highest ?? lowest;
    if (said === undefined || (highest !== undefined && lowest !== undefined)) {
      refuse(
        path,
        said === undefined ? "has neither highest nor lowest" : "has both highest and lowest",
        "one of them is allowed",
        "key",
      );
      return [];
    }
    const want = highest === undefined ? "lowest" : "highest";
    const measure = MEASURES.find((one) => one === said);
    if (measure === undefined) {
      const meant = nearest(said, MEASURES);
      refuse(
        [...path, want],
        `is ${said}`,
        `${meant ? `did you mean ${meant}? ` : ""}${MEASURES.join(", ")} are allowed`,
      );
      return [];
    }
    if (of !== "all") checkGroup(of, [...path, "of"], [...groups, "all"], refuse);
    const limit = limitOf(goal, measure, path, refuse);
    return [{ want, measure, of, ...given<Pick<Goal, "level" | "limit">>({ level, limit }) }];
  });
}

function limitOf({ atMost, atLeast }: WrittenGoal, measure: Measure, path: Path, refuse: Refuse): Limit | undefined {
  if (atMost !== undefined && atLeast !== undefined) {
    return refuse(path, "has both atMost and atLeast", "one of them is allowed", "key");
  }
  const is = atMost === undefined ? "atLeast" : "atMost";
  const said = atMost ?? atLeast;
  if (said === undefined) return undefined;
  const read = readLimit(said, measure);
  return read ? { is, ...read } : refuse([...path, is], `is ${said}`, allowedLimit(measure));
}

const OF_LEVELS: readonly string[] = ["hit rate", "miss rate", "misses", "accesses"];
const OF_CLOSED: readonly string[] = ["latency", "held"];

export function checkGoals({ goals, replaying }: Plan, refuse: Refuse): void {
  const seen = new Map<string, number>();
  for (const [i, { want, measure, of, level }] of goals.entries()) {
    const path: Path = ["goals", i];
    if (OF_CLOSED.includes(measure) && replaying.timing !== "closed") {
      refuse([...path, want], `is ${measure}, which open timing has not`, "it needs timing: closed among the options");
    }
    if (level !== undefined && !OF_LEVELS.includes(measure)) {
      refuse([...path, "at"], `stands beside ${measure}`, `${OF_LEVELS.join(", ")} are of a level`, "key");
    }
    const key = JSON.stringify([measure, of, level]);
    const before = seen.get(key);
    if (before === undefined) seen.set(key, i);
    else refuse(path, `is the measure of goals[${before}] again`, "once is allowed", "key");
  }
}
