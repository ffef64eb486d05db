// The run of a bundle: made once to record it, and again to see whether it comes out the same.

import { createHash } from "node:crypto";
import type { Driver } from "../../driver/index.ts";
import { messageOf } from "../../errno/index.ts";
import type { Machine } from "../../machine/index.ts";
import { parsePlatform } from "../../platform/index.ts";
import { parseScript } from "../../script/index.ts";
import { runSession, type SessionFlags, sessionFrom } from "../../session/index.ts";
import { type MarkedSource, parseLabelMap } from "../../trace/index.ts";
import { given } from "../../written/index.ts";
import { ProgressLine } from "../output.ts";
import { type BundleFlags, LABELS, PLATFORM, SCRIPT } from "./contents.ts";

/** All that decides how it goes, as text. */
export interface Recipe {
  readonly platform: string;
  readonly flags: BundleFlags;
  readonly script?: string | undefined;
  readonly labels?: string | undefined;
  /** Model time of the snapshot, ns. */
  readonly at?: number | undefined;
}

export interface Outcome {
  readonly machine: Machine;
  readonly driver?: Driver;
  readonly now: number;
  readonly records: number;
  /** SHA-256, hex, of the state of the hardware in its canonical form. */
  readonly state: string;
  /** Why it ended before its end. */
  readonly error?: string;
}

/** Throws where there is no run: a recipe that is wrong. What goes wrong during the run is part of the outcome. */
export async function rerun(recipe: Recipe, sources: readonly MarkedSource[], quiet: boolean): Promise<Outcome> {
  const platform = parsePlatform(recipe.platform, PLATFORM);
  const { do: lines = [], ...flags } = recipe.flags;
  const session = sessionFrom(given<SessionFlags>(flags));
  const script = [
    ...parseScript(lines.map((line) => line.replaceAll("\n", " ")).join("\n"), "--do"),
    ...(recipe.script === undefined ? [] : parseScript(recipe.script, SCRIPT)),
  ];
  const labels = recipe.labels === undefined ? undefined : parseLabelMap(recipe.labels, LABELS);
  let machine: Machine | undefined;
  let driver: Driver | undefined;
  let error: string | undefined;
  const progress = new ProgressLine(!quiet);
  try {
    const { script: told } = await runSession(sources, {
      ...session,
      platform,
      script,
      ...(labels ? { labels } : {}),
      ...(recipe.at === undefined ? {} : { until: recipe.at }),
      onMachine: (made) => {
        machine = made;
      },
      onDriver: (booted) => {
        driver = booted;
      },
      onProgress: ({ records, total }) => progress.show(records, total, "running"),
    });
    const missed = told.find(({ met }) => met === false);
    if (missed) error = `${missed.place}: ${missed.line}: not as expected`;
  } catch (cause) {
    if (machine === undefined) throw cause;
    error = messageOf(cause);
  } finally {
    progress.end();
  }
  if (machine === undefined) throw new Error("a run without a machine");
  const state = machine.export();
  return {
    machine,
    ...(driver ? { driver } : {}),
    now: state.now,
    records: state.records,
    state: createHash("sha256").update(canonical(state)).digest("hex"),
    ...(error === undefined ? {} : { error }),
  };
}

function canonical(state: object): string {
  return JSON.stringify(state, (_, value) => {
    if (typeof value === "bigint") return `${value}n`;
    return ArrayBuffer.isView(value) ? Array.from(value as Uint8Array) : value;
  });
}
