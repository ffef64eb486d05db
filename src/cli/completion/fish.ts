// The script for fish.

import type { Values } from "../words/values.ts";
import { allOf, type CommandWords } from "./grammar.ts";

export function fishScript(root: CommandWords, platforms: readonly string[]): string {
  const all = allOf(root);
  const commands = all.flatMap(({ path, commands: own }) => own.map(({ name }) => quoted(`${path}/${name}`)));
  const valued = all.flatMap(({ path, options }) =>
    options.flatMap(({ long, short, takes }) =>
      takes === undefined ? [] : [long, ...(short ? [short] : [])].map((one) => quoted(`${path}/${one}`)),
    ),
  );
  const lines = all.flatMap(({ path, commands: own, options, argument }) => {
    const here = `complete -c mpam -n ${quoted(`__mpam_at ${quoted(path)}`)}`;
    return [
      ...own.map(({ name, description }) => `${here} -a ${quoted(name)} -d ${quoted(description)}`),
      ...options.map(({ long, short, description, takes }) => {
        const name = `-l ${long.slice(2)}${short ? ` -s ${short.slice(1)}` : ""}`;
        return `${here} ${name} -d ${quoted(description)}${takes === undefined ? "" : ` ${offer(takes, platforms, true)}`}`;
      }),
      ...(argument === undefined || argument === "any" ? [] : [`${here} ${offer(argument, platforms, false)}`]),
    ];
  });
  return `# Completion of mpam in fish: mpam completion fish | source

# Whether the words so far lead to command $argv[1].
function __mpam_at
  set -l at ""
  set -l skip 0
  for word in (commandline -opc)[2..-1]
    if test $skip = 1
      set skip 0
      continue
    end
    switch "$at/$word"
      case ${commands.join(" ")}
        set at (string trim "$at $word")
      case ${valued.join(" ")}
        set skip 1
    end
  end
  test "$at" = "$argv[1]"
end

complete -c mpam -f
${lines.join("\n")}
`;
}

function offer(values: Values, platforms: readonly string[], needed: boolean): string {
  const needs = needed ? "-r " : "";
  if (values === "file") return `${needs}-F`;
  if (values === "folder") return `${needs}-a '(__fish_complete_directories)'`;
  if (values === "command") return `${needs}-a '(__fish_complete_command)'`;
  if (values === "platform") return `${needs}-F -a ${quoted(platforms.join(" "))}`;
  return values === "any" ? "-x" : `${needed ? "-x " : ""}-a ${quoted(values.join(" "))}`;
}

/** In fish only \\ and ' mean something within single quotes. */
function quoted(text: string): string {
  return `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
}
