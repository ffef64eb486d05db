// What the scripts of bash and zsh share: which words follow which, as case statements that both shells read.

import type { Values } from "../words/values.ts";
import { allOf, type CommandWords } from "./grammar.ts";

/** Within single quotes of a shell. */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/** As _mpam_value says it: words, or a kind behind an @. */
function kindOf(values: Values): string {
  return typeof values === "string" ? `@${values}` : values.join(" ");
}

/** Functions that say what belongs to a command, by its path. */
export function tables(root: CommandWords, platforms: readonly string[]): string {
  const all = allOf(root);
  const commands = all.flatMap(({ path, commands: own }) => own.map(({ name }) => quoted(`${path}/${name}`)));
  const values = all.flatMap(({ path, options }) =>
    options.flatMap(({ long, short, takes, many }) =>
      takes === undefined
        ? []
        : [
            `    ${[long, ...(short ? [short] : [])].map((one) => quoted(`${path}/${one}`)).join(" | ")}) echo ${quoted(`${many ? "*" : ""}${kindOf(takes)}`)} ;;`,
          ],
    ),
  );
  const row = ({ path }: CommandWords, text: string) => `    ${quoted(path)}) echo ${quoted(text)} ;;`;
  return `_mpam_platforms=${quoted(platforms.join(" "))}

# Whether word $2 is a command of command $1.
_mpam_is_command() {
  case "$1/$2" in
    ${commands.join(" | ")}) return 0 ;;
  esac
  return 1
}

# What follows option $2 of command $1: words, or @file and the like; * before it: more than one. Fails where nothing does.
_mpam_value() {
  case "$1/$2" in
${values.join("\n")}
    *) return 1 ;;
  esac
}

_mpam_options() {
  case "$1" in
${all.map((one) => row(one, one.options.flatMap(({ long, short }) => [long, ...(short ? [short] : [])]).join(" "))).join("\n")}
  esac
}

_mpam_commands() {
  case "$1" in
${all
  .filter(({ commands: own }) => own.length > 0)
  .map((one) => row(one, one.commands.map(({ name }) => name).join(" ")))
  .join("\n")}
  esac
}

# What the arguments of command $1 are.
_mpam_argument() {
  case "$1" in
${all
  .filter(({ argument }) => argument !== undefined)
  .map((one) => row(one, kindOf(one.argument as Values)))
  .join("\n")}
  esac
}
`;
}
