// The words of mpam completion.

import type { Command } from "commander";
import { example } from "./example.ts";

export function addCompletion(mpam: Command): void {
  const completion = mpam
    .command("completion")
    .summary("these words for a shell")
    .description("print what a shell needs to complete these words (docs/command-line.md)")
    .argument("<shell>", "bash, zsh or fish")
    .action(async (shell) => (await import("../completion/completion.ts")).completion(shell));
  example(completion, "mpam completion bash > mpam.bash");
}
