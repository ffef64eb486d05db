// The words of mpam as data, which the scripts of the shells are made from: commands, options, what may stand where.

import type { Command } from "commander";
import { type Values, valuesOfArgument, valuesOfOption } from "../words/values.ts";

export interface OptionWords {
  /** "--platform". */
  readonly long: string;
  /** "-p". */
  readonly short?: string;
  readonly description: string;
  /** Absent: it stands alone. */
  readonly takes?: Values;
  /** More than one value follows it. */
  readonly many: boolean;
}

export interface CommandWords {
  /** "trace import"; "" is mpam itself. */
  readonly path: string;
  readonly name: string;
  readonly description: string;
  readonly options: readonly OptionWords[];
  readonly argument?: Values;
  readonly commands: readonly CommandWords[];
}

const HELP: OptionWords = { long: "--help", short: "-h", description: "show help", many: false };

export function grammarOf(command: Command, path = ""): CommandWords {
  const options = command.options.filter(({ hidden, long }) => !hidden && long !== undefined);
  const [first] = command.registeredArguments;
  return {
    path,
    name: command.name(),
    description: command.description(),
    options: [
      ...options.map((option) => ({
        long: option.long as string,
        ...(option.short ? { short: option.short } : {}),
        description: option.description,
        ...(option.required || option.optional
          ? { takes: valuesOfOption(path, option.long as string, placeholder(option.flags)) }
          : {}),
        many: option.variadic,
      })),
      HELP,
    ],
    ...(first ? { argument: valuesOfArgument(first.name()) } : {}),
    commands: shown(command).map((one) => grammarOf(one, path === "" ? one.name() : `${path} ${one.name()}`)),
  };
}

/** What is started by mpam itself is nobody's to type. */
export function shown(command: Command): readonly Command[] {
  return command.commands.filter((one) => !(one as Command & { _hidden?: boolean })._hidden);
}

/** All commands, each before its own. */
export function allOf(words: CommandWords): CommandWords[] {
  return [words, ...words.commands.flatMap(allOf)];
}

function placeholder(flags: string): string {
  return /[<[]([^>\].]+)/.exec(flags)?.[1] ?? "";
}
