// The tables of docs/command-line.md, from the words of mpam.

import type { Command } from "commander";
import { program } from "../commands.ts";
import { allOf, type CommandWords, grammarOf, type OptionWords } from "../completion/grammar.ts";
import { EXIT_CODES } from "../words/exit-codes.ts";
import { table } from "./markdown.ts";

export function commandTable(name: string): string {
  const mpam = program("");
  const words = grammarOf(mpam);
  const tables: { readonly [name in string]: () => string } = {
    commands: () => commands(mpam, words),
    options: () => options(words),
    "exit-codes": () =>
      table(
        ["Code", "When"],
        EXIT_CODES.map(([code, when]) => [code, when]),
      ),
  };
  const make = tables[name];
  if (make === undefined) throw new Error(`docs/command-line.md: there is no table ${name}`);
  return make();
}

/** Those that do something. */
function commands(mpam: Command, words: CommandWords): string {
  const rows = allOf(words)
    .filter(({ path, commands: own, argument }) => path !== "" && (own.length === 0 || argument !== undefined))
    .map(({ path, description }) => [`\`mpam ${path}${usage(mpam, path)}\``, cell(description)]);
  return table(["Command", "What it does"], rows);
}

function usage(mpam: Command, path: string): string {
  let command = mpam;
  for (const name of path.split(" ")) command = command.commands.find((one) => one.name() === name) as Command;
  return command.registeredArguments
    .map((one) => {
      const name = `${one.name()}${one.variadic ? "..." : ""}`;
      return one.required ? ` ${name.toUpperCase()}` : ` [${name.toUpperCase()}]`;
    })
    .join("");
}

/** Those that three commands or more have, in the same words. */
function options(words: CommandWords): string {
  const rows = new Map<string, { option: OptionWords; of: string[] }>();
  for (const { path, options: own } of allOf(words)) {
    for (const option of own) {
      if (option.long === "--help" || path === "") continue;
      const key = `${option.long} ${option.description}`;
      const row = rows.get(key) ?? { option, of: [] };
      row.of.push(path);
      rows.set(key, row);
    }
  }
  const shared = [...rows.values()].filter(({ of }) => of.length > 2);
  return table(
    ["Option", "Meaning", "Of"],
    shared.map(({ option: { long, short, description }, of }) => [
      `\`${short ? `${short}, ` : ""}${long}\``,
      cell(description),
      of.map((path) => `\`${path}\``).join(", "),
    ]),
  );
}

/** What Markdown would take for a tag or a border. */
function cell(text: string): string {
  return text.replaceAll("|", "\\|").replaceAll("<", "&lt;");
}
