// One line after `monitor`: the command it names, or why there is none.

import { messageOf } from "../../../errno/index.ts";
import { nearest } from "../../../written/index.ts";
import type { Session } from "../session.ts";
import { COMMANDS } from "./all.ts";
import { help } from "./help.ts";

/** What is shown for it. Never rejects: what goes wrong is a line that begins with "error:". */
export async function runCommand(line: string, session: Session): Promise<string> {
  const [name = "help", ...words] = line.split(/\s+/).filter((word) => word !== "");
  if (name === "help") return help(words);
  const command = COMMANDS.find((one) => one.name === name);
  if (!command) return `error: ${unknown(name)}\n`;
  try {
    return await command.run(words, session, line.trim().slice(name.length).trim());
  } catch (error) {
    return `error: ${messageOf(error)}\n`;
  }
}

function unknown(name: string): string {
  const names = ["help", ...COMMANDS.map((one) => one.name)];
  const close = nearest(name, names);
  return `there is no monitor command '${name}'; ${close === undefined ? "monitor help lists those there are" : `did you mean ${close}?`}`;
}
