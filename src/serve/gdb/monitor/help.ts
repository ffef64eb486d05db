// monitor help: all commands, or one.

import { nearest } from "../../../written/index.ts";
import { COMMANDS } from "./all.ts";

export function help([name]: readonly string[]): string {
  if (name === undefined || name === "help") {
    const width = Math.max(...COMMANDS.map((one) => one.name.length));
    const lines = COMMANDS.map((one) => `  ${one.name.padEnd(width)}  ${one.about}`);
    return ["monitor commands; help COMMAND says how one looks:", ...lines, ""].join("\n");
  }
  const command = COMMANDS.find((one) => one.name === name);
  if (command) return `monitor ${command.name} ${command.usage}\n  ${command.about}\n`;
  const close = nearest(
    name,
    COMMANDS.map((one) => one.name),
  );
  return `error: there is no monitor command '${name}'${close === undefined ? "" : `; did you mean ${close}?`}\n`;
}
