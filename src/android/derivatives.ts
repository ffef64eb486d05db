// What makers of phones made of the policy module: labels that go by the cpuset of a thread (more.md 4.6).

import { ErrnoError } from "../errno/index.ts";

export interface DerivativeRules {
  /** PARTIDs by path of the cpuset; 0 for others. */
  readonly labels: { readonly [cpuset in string]?: number };
  /** A write to `tasks` moves nobody. */
  readonly tasksStay: boolean;
}

const RULES = {
  samsung: {
    labels: {
      "/": 0,
      "/background": 1,
      "/camera-daemon": 2,
      "/system-background": 3,
      "/foreground": 4,
      "/restricted": 5,
      "/top-app": 6,
      "/dexopt": 7,
      "/audio-app": 8,
    },
    tasksStay: true,
  },
  xiaomi: { labels: { "/top-app": 17 }, tasksStay: false },
} as const satisfies { readonly [name in string]: DerivativeRules };

export type Derivative = keyof typeof RULES;

/** EINVAL for one that is not known. */
export function rulesOf(derivative: Derivative | undefined): DerivativeRules | undefined {
  if (derivative === undefined) return undefined;
  if (Object.hasOwn(RULES, derivative)) return RULES[derivative];
  const known = Object.keys(RULES).join(" and ");
  throw new ErrnoError("EINVAL", `derivative ${JSON.stringify(derivative)} is not known; ${known} are`);
}
