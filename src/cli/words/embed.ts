// The words of mpam embed.

import type { Command } from "commander";
import { example } from "./example.ts";
import { JSON_OPTION, PLATFORM, PLATFORM_ARGUMENT } from "./shared.ts";

export function addEmbed(mpam: Command): void {
  const embed = mpam
    .command("embed")
    .summary("a platform as C source")
    .description("write a platform as C source: the board that the library in c/ is given (docs/embedding.md)")
    .argument(...PLATFORM_ARGUMENT)
    .option(...PLATFORM)
    .option("-o, --output <folder>", "where to; NAME.c and NAME.h, after the name of the platform", ".")
    .option("-q, --quiet", "say nothing but what the board lacks")
    .option(...JSON_OPTION)
    .action(async (platform, options) => (await import("../embed.ts")).embed(platform, options));
  example(embed, "mpam embed four-spaces -o boards");
}
