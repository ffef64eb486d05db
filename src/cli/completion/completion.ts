// mpam completion: what a shell needs to know to complete the words of mpam.

import { choice } from "../../written/index.ts";
import { program } from "../commands.ts";
import { bundledPlatforms } from "../named-platform.ts";
import { version } from "../version.ts";
import { bashScript } from "./bash.ts";
import { fishScript } from "./fish.ts";
import { grammarOf } from "./grammar.ts";
import { zshScript } from "./zsh.ts";

export const SHELLS = { bash: bashScript, zsh: zshScript, fish: fishScript } as const;

export function completion(shell: string): void {
  const script = SHELLS[choice("shell", shell, Object.keys(SHELLS) as (keyof typeof SHELLS)[]) as keyof typeof SHELLS];
  process.stdout.write(script(grammarOf(program(version())), bundledPlatforms()));
}
