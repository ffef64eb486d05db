// The words of mpam acpi.

import type { Command } from "commander";
import { JSON_OPTION } from "./shared.ts";

export function addAcpi(mpam: Command): void {
  const acpi = mpam.command("acpi").description("ACPI tables: make them from a platform, look into them, check them");
  const tables = "files of one or several tables, or folders of them";
  acpi
    .command("build")
    .description("write the tables that describe a platform: MADT, PPTT, SRAT, HMAT, MPAM, PCCT")
    .argument("<platform>", "platform file")
    .requiredOption("-o, --output <folder>", "where to; one file for each table, mpam.dat and so forth")
    .option(...JSON_OPTION)
    .addHelpText("after", "\nExample:\n  mpam acpi build platforms/two-sockets.yaml -o tables")
    .action(async (platform, options) => (await import("../acpi.ts")).build(platform, options));
  acpi
    .command("dump")
    .description("show every field of tables with its offset")
    .argument("<tables...>", tables)
    .option(...JSON_OPTION)
    .action(async (files, options) => (await import("../acpi.ts")).dump(files, options));
  acpi
    .command("check")
    .description("say what is wrong or doubtful in tables; ends with 1 when there are errors")
    .argument("<tables...>", tables)
    .option(...JSON_OPTION)
    .action(async (files, options) => (await import("../acpi.ts")).check(files, options));
  acpi
    .command("platform")
    .description("make a platform file of tables, and say what in it is a guess")
    .argument("<tables...>", tables)
    .option("-o, --output <file>", "platform file to write (default: standard output)")
    .option(...JSON_OPTION)
    .action(async (files, options) => (await import("../acpi.ts")).platform(files, options));
}
