// A bundle in words: what made it, what it holds, how it ended.

import { count, plural, showSize, table, time } from "../../written/index.ts";
import { type Contents, MANIFEST, SCRIPT, SNAPSHOT } from "./contents.ts";

const MEANINGS: { readonly [name in string]: string } = {
  "README.txt": "what these files are",
  "platform.yaml": "the machine, as its file has it, comments too",
  "script.txt": "the script, comments too",
  "labels.yaml": "the label map",
  "driver.log": "what the driver said",
  "registers.txt": "what the control registers held at the end",
  "snapshot.bin": "the whole machine at the end, with the names of groups and threads",
};

/** Letters of a terminal's own are not let through: anybody may have written it. */
export function describeBundle(contents: Contents): string {
  const { tool, host, command, note, platform, traces, ended, files, flags } = contents;
  const script = [
    ...(flags.do?.length ? [plural(flags.do.length, "line")] : []),
    ...(files.some(({ name }) => name === SCRIPT) ? [SCRIPT] : []),
  ];
  const lines = [
    `made by mpam ${tool.version} on Node ${host.node}, ${host.platform} ${host.arch}`,
    ...(note === undefined ? [] : [`note: ${note}`]),
    `command: ${command}`,
    `platform: ${platform.name} (${platform.file}), seed ${flags.seed ?? "none"}, script ${script.join(" and ") || "none"}`,
    ...traces.map(({ argument, hash, records, included }) =>
      argument.startsWith("synth:")
        ? `trace: ${argument}, ${count(records)} records, made up again each time`
        : `trace: ${argument}, ${count(records)} records, ${hash.slice(0, 12)}, ${included ? "inside" : "not inside"}`,
    ),
    `ended: ${time(ended.now)} of model time, ${count(ended.records)} records, state ${ended.state.slice(0, 12)}`,
    ...(ended.error === undefined ? [] : [`error: ${ended.error}`]),
    ...(files.some(({ name }) => name === SNAPSHOT) ? [] : [`no snapshot: ${ended.noSnapshot ?? "none was taken"}`]),
  ];
  const rows = files.map(({ name, bytes }) => [name, showSize(bytes)]);
  const listing = table(["inside", "bytes"], [[MANIFEST, "-"], ...rows]).split("\n");
  const meanings = ["", "what this says", ...files.map(({ name }) => MEANINGS[name] ?? "a recording")];
  return [...lines.map(plainLine), "", ...listing.map((line, index) => `${line}  ${meanings[index]}`.trimEnd())].join(
    "\n",
  );
}

export function plainLine(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken out
  return text.replace(/[\u0000-\u001f\u007f-\u009f]+/g, " ");
}
