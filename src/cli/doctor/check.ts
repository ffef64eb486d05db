// One thing that is looked at: what was found, what it is for, and what helps where it is missing.

import type { Host } from "./host.ts";

export interface Finding {
  readonly state: "ok" | "partly" | "missing";
  /** What is there, or what is wrong. */
  readonly found: string;
  /** What to do about it. */
  readonly remedy?: string;
}

export interface Check {
  readonly name: string;
  /** What works with it. */
  readonly for: string;
  /** Without it nothing works. */
  readonly core?: true;
  look(host: Host): Finding | Promise<Finding>;
}

export const ok = (found: string): Finding => ({ state: "ok", found });
export const partly = (found: string, remedy: string): Finding => ({ state: "partly", found, remedy });
export const missing = (found: string, remedy: string): Finding => ({ state: "missing", found, remedy });
