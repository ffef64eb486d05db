// The words of mpam acpi.

import type { Command } from "commander";
import { example } from "./example.ts";
import { JSON_OPTION, PLATFORM, PLATFORM_ARGUMENT, PLATFORM_OUTPUT } from "./shared.ts";

export function addAcpi(mpam: Command): void {
  const acpi = mpam
    .command("acpi")
    .summary("ACPI tables: make, show, check, read")
    .description("ACPI tables: make them from a platform, look into them, check them");
  const tables = "files of one or several tables, or folders of them";
  const build = acpi
    .command("build")
    .description("write the tables that describe a platform: MADT, PPTT, SRAT, HMAT, MPAM, PCCT")
    .argument(...PLATFORM_ARGUMENT)
    .option(...PLATFORM)
    .requiredOption("-o, --output <folder>", "where to; one file for each table, mpam.dat and so forth")
    .option(...JSON_OPTION)
    .action(async (platform, options) => (await import("../acpi.ts")).build(platform, options));
  const dump = acpi
    .command("dump")
    .description("show every field of tables with its offset")
    .argument("<tables...>", tables)
    .option(...JSON_OPTION)
    .action(async (files, options) => (await import("../acpi.ts")).dump(files, options));
  const check = acpi
    .command("check")
    .description("say what is wrong or doubtful in tables; ends with 1 when there are errors")
    .argument("<tables...>", tables)
    .option(...JSON_OPTION)
    .action(async (files, options) => (await import("../acpi.ts")).check(files, options));
  const platform = acpi
    .command("platform")
    .description("make a platform file of tables, and say what in it is a guess")
    .argument("<tables...>", tables)
    .option(...PLATFORM_OUTPUT)
    .option(...JSON_OPTION)
    .action(async (files, options) => (await import("../acpi.ts")).platform(files, options));
  const made = "mpam acpi build two-sockets -o tables";
  example(acpi, made, "mpam acpi dump tables");
  example(build, made);
  example(dump, made, "mpam acpi dump tables/mpam.dat");
  example(check, made, "mpam acpi check tables");
  example(platform, made, "mpam acpi platform tables -o guess.yaml");
}
