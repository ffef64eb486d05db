// A transcript: a shell session on a mounted tree as one would paste it, with a header that says what is mounted.
//
//   # interface: android          the older one; resctrl without it
//   # platform: two-sockets       one of platforms/; without it one-socket, and android for android
//   # options: cdp,debug          as of mount -o
//   # expert                      # profile: x86      # compat: linux-7.3, android-2022
//   # proposed: kernel-mode
//   # replay: synth:stream,...    a trace that runs from the mount on; more lines, more traces
//   # @600ms cpu 9 offline        a line of a script (docs/scripts.md)
//   # refused: EINVAL             the mount is, with this errno
//
// Then commands, each with what it prints. `# advance 1s` lets time pass; other lines with # are for readers.

import { readDuration } from "../../src/written/index.ts";

export type Step =
  | { readonly command: string; readonly line: number; readonly expected: string }
  | { readonly advanceNs: number };

export interface Transcript {
  readonly interface: "resctrl" | "android";
  readonly platform: string;
  readonly options: string;
  readonly expert: boolean;
  readonly profile: string | undefined;
  readonly proposed: string | undefined;
  readonly compat: string | undefined;
  readonly replay: readonly string[];
  readonly script: string;
  readonly refused: string | undefined;
  readonly steps: readonly Step[];
}

const KEYS = ["interface", "platform", "options", "expert", "profile", "proposed", "compat", "replay", "refused"];

export function parseTranscript(text: string, file: string): Transcript {
  const lines = text.replace(/\n$/, "").split("\n");
  const first = lines.findIndex((line) => line.startsWith("$ "));
  const end = first < 0 ? lines.length : first;
  const { header, script } = readHeader(lines.slice(0, end));
  const one = (key: string) => header.find(([name]) => name === key)?.[1];
  const android = one("interface") === "android";
  return {
    interface: android ? "android" : "resctrl",
    platform: one("platform") ?? (android ? "android" : "one-socket"),
    options: one("options") ?? "",
    expert: one("expert") !== undefined,
    profile: one("profile"),
    proposed: one("proposed"),
    compat: one("compat"),
    replay: header.flatMap(([name, value]) => (name === "replay" ? [value] : [])),
    script: script.join("\n"),
    refused: one("refused"),
    steps: readSteps(lines.slice(end), end, file),
  };
}

function readHeader(lines: readonly string[]): { header: [string, string][]; script: string[] } {
  const header: [string, string][] = [];
  const script: string[] = [];
  for (const line of lines) {
    if (line.startsWith("# @")) script.push(line.slice(2));
    const [, name = "", value = ""] = /^# ([a-z]+)(?:: (.*))?$/.exec(line) ?? [];
    if (KEYS.includes(name)) header.push([name, value]);
  }
  return { header, script };
}

function readSteps(lines: readonly string[], before: number, file: string): Step[] {
  const steps: Step[] = [];
  let command: { command: string; line: number; expected: string } | undefined;
  for (const [i, line] of lines.entries()) {
    if (line.startsWith("$ ")) {
      command = { command: line.slice(2), line: before + i + 1, expected: "" };
      steps.push(command);
    } else if (line.startsWith("#")) {
      command = undefined;
      const time = /^# advance (.+)$/.exec(line)?.[1];
      const ns = time === undefined ? undefined : readDuration(time);
      if (time !== undefined && ns === undefined) throw new Error(`${file}:${before + i + 1}: ${time} is no time`);
      if (ns !== undefined) steps.push({ advanceNs: ns });
    } else if (command) command.expected += `${line}\n`;
    else throw new Error(`${file}:${before + i + 1}: this is printed by no command`);
  }
  return steps;
}

/** What a command printed, as a transcript has it: a last line without a newline has one that says so below. */
export function asPrinted(output: string): string {
  const words = output.replace(/^(bash: )line \d+: /gm, "$1").replace(/^stat: cannot statx /gm, "stat: cannot stat ");
  return words === "" || words.endsWith("\n") ? words : `${words}\n\\ no newline at the end\n`;
}
