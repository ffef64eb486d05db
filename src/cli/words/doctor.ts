// The words of mpam doctor.

import type { Command } from "commander";
import { example } from "./example.ts";
import { JSON_OPTION } from "./shared.ts";

export function addDoctor(mpam: Command): void {
  const doctor = mpam
    .command("doctor")
    .summary("what works on this host")
    .description("say what works on this host, and what is missing for the rest; ends with 1 when nothing works")
    .option(...JSON_OPTION)
    .action(async (options) => (await import("../doctor/doctor.ts")).doctor(options));
  example(doctor, "mpam doctor");
}
