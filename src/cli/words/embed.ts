// The words of mpam embed.

import type { Command } from "commander";
import { JSON_OPTION } from "./shared.ts";

export function addEmbed(mpam: Command): void {
  mpam
    .command("embed")
    .description("write a platform as C source: the board that the library in c/ is given (docs/embedding.md)")
    .option("-p, --platform <file>", "platform file (default: one-socket, which comes with the package)")
    .option("-o, --output <folder>", "where to; NAME.c and NAME.h, after the name of the platform", ".")
    .option("-q, --quiet", "say nothing but what the board lacks")
    .option(...JSON_OPTION)
    .addHelpText("after", "\nExample:\n  mpam embed -p platforms/four-spaces.yaml -o build/c/boards")
    .action(async (options) => (await import("../embed.ts")).embed(options));
}
