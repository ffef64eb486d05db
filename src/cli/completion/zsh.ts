// The script for zsh: sourced, or as a file _mpam on the fpath.

import { allOf, type CommandWords } from "./grammar.ts";
import { quoted, tables } from "./shared-shell.ts";

export function zshScript(root: CommandWords, platforms: readonly string[]): string {
  const described = allOf(root).map(
    ({ path, commands, options }) => `    ${quoted(path)})
      commands=(${commands.map(({ name, description }) => pair(name, description)).join(" ")})
      options=(${options.flatMap(({ long, short, description }) => [long, ...(short ? [short] : [])].map((one) => pair(one, description))).join(" ")}) ;;`,
  );
  return `#compdef mpam
# Completion of mpam in zsh: source <(mpam completion zsh), after compinit

${tables(root, platforms)}
_mpam_offer() {
  case "$1" in
    @file) _files ;;
    @folder) _files -/ ;;
    @command) _command_names -e ;;
    @platform) compadd -- \${(s: :)_mpam_platforms}; _files ;;
    @*) ;;
    *) [[ -n $1 ]] && compadd -- \${(s: :)1} ;;
  esac
}

_mpam() {
  local at="" option="" word kind i
  local -a commands options
  for ((i = 2; i < CURRENT; i++)); do
    word=$words[i]
    if [[ $word == "--" ]]; then _command_names -e; _files; return; fi
    if [[ -n $option && $word != -* ]]; then
      kind=$(_mpam_value "$at" "$option")
      [[ $kind == \\** ]] || option=""
      continue
    fi
    option=""
    if _mpam_is_command "$at" "$word"; then at="\${at:+$at }$word"; fi
    if _mpam_value "$at" "$word" >/dev/null; then option=$word; fi
  done
  case "$at" in
${described.join("\n")}
  esac
  if [[ -n $option && $PREFIX != -* ]]; then
    kind=$(_mpam_value "$at" "$option")
    _mpam_offer "\${kind#\\*}"
  elif [[ $PREFIX == -* ]]; then
    _describe option options
  else
    (( $#commands )) && _describe command commands
    _mpam_offer "$(_mpam_argument "$at")"
  fi
}

if [[ $funcstack[1] == _mpam ]]; then _mpam "$@"; else compdef _mpam mpam; fi
`;
}

/** Of _describe: a colon ends the name. */
function pair(name: string, description: string): string {
  return quoted(`${name.replaceAll(":", "\\:")}:${description}`);
}
