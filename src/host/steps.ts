// Commands of a shell that dress a mount namespace.

import { stat } from "node:fs/promises";
import { quoted } from "./type-shown.ts";

/** One command: its words. */
export type Step = readonly string[];

/** For `sh -e`. */
export function scriptOf(steps: readonly Step[]): string {
  return steps.map((step) => `${step.map(quoted).join(" ")}\n`).join("");
}

export function bind(from: string, to: string): Step {
  return ["mount", "--bind", from, to];
}

export async function isDirectory(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isDirectory() ?? false;
}
