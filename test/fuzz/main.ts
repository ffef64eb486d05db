/** npm run fuzz: random parts or memory systems, registers and traffic, every implementation against the plain model; and tables that lie. */
import { acpiFailure, acpiTotals, searchAcpi } from "./acpi/search.ts";
import { type Command, USAGE, UsageError, understand } from "./command.ts";
import { fuzz } from "./fuzz.ts";
import { memoryJson, memoryLines, memoryTotals } from "./memory/report.ts";
import { searchMemory } from "./memory/search.ts";
import { foundLines, jsonLine, totalsLine } from "./report.ts";

async function main(): Promise<number> {
  try {
    const command = understand(process.argv.slice(2));
    if (command === null) {
      console.log(USAGE);
      return 0;
    }
    if (command.target === "acpi") return acpi(command);
    return command.target === "memory" ? await memory(command) : await msc(command);
  } catch (error) {
    const wrong = error instanceof UsageError || (error instanceof TypeError && "code" in error);
    console.error(`fuzz: ${error instanceof Error ? error.message : String(error)}`);
    if (!wrong && error instanceof Error && error.stack) console.error(error.stack);
    return wrong ? 2 : 1;
  }
}

async function msc({ target, contestants, bounds, json }: Extract<Command, { target: "msc" }>): Promise<number> {
  const outcome = await fuzz(contestants, bounds);
  const { totals, found } = outcome;
  if (json) console.log(jsonLine(target, contestants, outcome));
  else {
    for (const one of found) console.log(`${foundLines(target, contestants, one, totals).join("\n")}\n`);
    console.log(totalsLine(target, totals, found.length));
  }
  return found.length > 0 ? 1 : 0;
}

async function memory({ contestants, bounds, json }: Extract<Command, { target: "memory" }>): Promise<number> {
  const outcome = await searchMemory(contestants, bounds);
  const { totals, found } = outcome;
  if (json) console.log(memoryJson(contestants, outcome));
  else {
    for (const one of found) console.log(`${memoryLines(contestants, one, totals).join("\n")}\n`);
    console.log(memoryTotals(contestants, outcome));
  }
  return found.length > 0 ? 1 : 0;
}

function acpi({ bounds, json }: Extract<Command, { target: "acpi" }>): number {
  const outcome = searchAcpi(bounds);
  if (json) console.log(JSON.stringify(outcome));
  else {
    if (outcome.failure) console.log(`${acpiFailure(outcome)}\n`);
    console.log(acpiTotals(outcome));
  }
  return outcome.failure ? 1 : 0;
}

void main().then((code) => {
  process.exitCode = code;
});
