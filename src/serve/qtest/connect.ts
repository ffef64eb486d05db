// A connection that speaks the text protocol of QEMU's qtest: a line for each command, a line for each reply, and lines that
// tell of interrupts whenever there are some (docs/serving.md).

import { messageOf } from "../../errno/index.ts";
import type { InterruptEvent } from "../../machine/index.ts";
import { nearest } from "../../written/index.ts";
import type { Accessor } from "../accessor.ts";
import type { Board } from "../board.ts";
import type { LineChange } from "../interrupt-lines.ts";
import { isTooLong, LINE_BYTES, type Line, Lines } from "../lines.ts";
import type { Connect, Out } from "../listen.ts";
import { Turns } from "../turns.ts";
import { ACCESSES } from "./accesses.ts";
import { shown } from "./c-number.ts";
import { CLOCK, INTERRUPTS } from "./clock.ts";
import { arity, type Client, type Command, hex16 } from "./command.ts";
import { OWN, OWN_WAITING } from "./own.ts";

/** Those that wait for their turn by themselves. */
const WAITING: ReadonlyMap<string, Command> = new Map(Object.entries({ ...CLOCK, ...OWN_WAITING }));

export const QTEST_COMMANDS: ReadonlyMap<string, Command> = new Map([
  ...Object.entries({ ...ACCESSES, ...INTERRUPTS, ...OWN }),
  ...WAITING,
]);

export function qtest(board: Board, as: Accessor): Connect {
  return (out) => {
    const client: Client = { board, ...as, hearsLines: false, hearsMsis: false };
    const lines = new Lines();
    const turns = new Turns();
    let isGone = false;
    const unlisten = hear(client, out);
    return {
      async received(data) {
        for (const line of lines.of(data)) {
          if (isGone) return;
          out.write(`${await replyTo(client, line)}\n`);
          await turns.next();
        }
      },
      closed() {
        isGone = true;
        unlisten();
      },
    };
  };
}

/** Tells of interrupts; the result ends that. */
function hear(client: Client, out: Out): () => void {
  const ends = [
    client.board.onLine(({ line, level }: LineChange) => {
      if (client.hearsLines) out.write(`IRQ ${level === 1 ? "raise" : "lower"} ${line}\n`);
    }),
    client.board.onInterrupt(({ msi, count }: InterruptEvent) => {
      if (client.hearsMsis && msi) out.write(`MSI ${hex16(BigInt(msi.address))} 0x${hex8(msi.data)} ${count}\n`);
    }),
  ];
  return () => {
    for (const end of ends) end();
  };
}

const hex8 = (word: number) => (word >>> 0).toString(16).padStart(8, "0");

/** One line for one line, whatever is in it. */
async function replyTo(client: Client, line: Line): Promise<string> {
  if (isTooLong(line)) return `FAIL a line had more than ${LINE_BYTES} bytes (the limit line)`;
  try {
    const said = await run(client, line);
    return said === undefined ? "OK" : `OK ${said}`;
  } catch (error) {
    return `FAIL ${messageOf(error).replace(/\s+/g, " ")}`;
  }
}

async function run(client: Client, line: string): Promise<string | undefined> {
  const [name = "", ...words] = line.split(" ").filter((word) => word !== "");
  const command = QTEST_COMMANDS.get(name);
  if (!command) throw new Error(unknown(name));
  const { least, most } = arity(command.usage);
  if (words.length < least || words.length > most) throw new Error(`usage: ${name} ${command.usage}`.trimEnd());
  const rest = line.trimStart().slice(name.length).trim();
  if (WAITING.has(name)) return command.run(words, client, rest);
  return client.board.exclusive(() => command.run(words, client, rest));
}

function unknown(name: string): string {
  if (name === "") return "an empty line: a command is needed";
  const meant = nearest(name, [...QTEST_COMMANDS.keys()]);
  return `Unknown command '${shown(name)}'${meant ? `; did you mean ${meant}?` : ""}`;
}
