// The script for bash, of version 3.2 and later.

import type { CommandWords } from "./grammar.ts";
import { tables } from "./shared-shell.ts";

export function bashScript(root: CommandWords, platforms: readonly string[]): string {
  return `# Completion of mpam in bash: source <(mpam completion bash)

${tables(root, platforms)}
# Adds what begins with $cur, of words or of a kind.
_mpam_offer() {
  local line
  case "$1" in
    @file) compopt -o filenames 2>/dev/null; set -- -f ;;
    @folder) compopt -o filenames 2>/dev/null; set -- -d ;;
    @command) set -- -c ;;
    @platform)
      _mpam_offer "$_mpam_platforms"
      _mpam_offer @file
      return ;;
    @*) return ;;
    *) set -- -W "$1" ;;
  esac
  while IFS= read -r line; do COMPREPLY+=("$line"); done < <(compgen "$@" -- "$cur")
}

_mpam() {
  local cur=\${COMP_WORDS[COMP_CWORD]} at="" option="" word kind i
  COMPREPLY=()
  [[ $cur == "=" ]] && cur=""
  for ((i = 1; i < COMP_CWORD; i++)); do
    word=\${COMP_WORDS[i]}
    [[ $word == "=" ]] && continue
    if [[ $word == "--" ]]; then _mpam_offer @command; _mpam_offer @file; return; fi
    if [[ -n $option && $word != -* ]]; then
      kind=$(_mpam_value "$at" "$option")
      [[ $kind == \\** ]] || option=""
      continue
    fi
    option=""
    if _mpam_is_command "$at" "$word"; then at=\${at:+$at }$word; fi
    if _mpam_value "$at" "$word" >/dev/null; then option=$word; fi
  done
  if [[ -n $option && $cur != -* ]]; then
    kind=$(_mpam_value "$at" "$option")
    _mpam_offer "\${kind#\\*}"
  elif [[ $cur == -* ]]; then
    _mpam_offer "$(_mpam_options "$at")"
  else
    _mpam_offer "$(_mpam_commands "$at")"
    _mpam_offer "$(_mpam_argument "$at")"
  fi
}

complete -F _mpam mpam
`;
}
