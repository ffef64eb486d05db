/** npm run fuzz: random parts, registers and traffic, every implementation against the plain model. */
import { USAGE, UsageError, understand } from "./command.ts";
import { fuzz } from "./fuzz.ts";
import { foundLines, jsonLine, totalsLine } from "./report.ts";

async function main(): Promise<number> {
  try {
    const command = understand(process.argv.slice(2));
    if (command === null) {
      console.log(USAGE);
      return 0;
    }
    const { target, contestants, bounds, json } = command;
    const outcome = await fuzz(contestants, bounds);
    const { totals, found } = outcome;
    if (json) console.log(jsonLine(target, contestants, outcome));
    else {
      for (const one of found) console.log(`${foundLines(target, contestants, one, totals).join("\n")}\n`);
      console.log(totalsLine(target, totals, found.length));
    }
    return found.length > 0 ? 1 : 0;
  } catch (error) {
    const wrong = error instanceof UsageError || (error instanceof TypeError && "code" in error);
    console.error(`fuzz: ${error instanceof Error ? error.message : String(error)}`);
    if (!wrong && error instanceof Error && error.stack) console.error(error.stack);
    return wrong ? 2 : 1;
  }
}

void main().then((code) => {
  process.exitCode = code;
});
