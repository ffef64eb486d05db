// mpam trace record: runs a command under Valgrind's lackey and writes what it accesses as a trace, while it runs.

import { type ChildProcess, spawn } from "node:child_process";
import { basename } from "node:path";
import { PassThrough, type Readable } from "node:stream";
import { messageOf } from "../errno/index.ts";
import { type ImportOptions, type ImportReport, importTrace, openTrace, traceInfo } from "../trace/index.ts";
import { choice, given, number } from "../written/index.ts";
import { describeTrace } from "./describe-trace.ts";
import { print } from "./output.ts";

interface RecordFlags {
  output: string;
  form?: string;
  fetches?: string;
  skip?: string;
  take?: string;
  json?: boolean;
}

/** How the command under Valgrind ended. */
interface Ended {
  readonly exitCode: number | null;
  readonly signal: string | null;
}

/** Where lackey writes: a pipe of its own, so that it mixes with nothing the command prints. */
const LOG_FD = 3;

export async function record(command: string[], flags: RecordFlags): Promise<void> {
  const options = given<ImportOptions>({
    form: choice("form", flags.form, ["columns", "packed"]),
    fetches: choice("fetches", flags.fetches, ["keep", "drop"]),
    skip: number("skip", flags.skip),
    take: number("take", flags.take),
  });
  const { report, ended } = await recorded(command, flags.output, options, flags.json ?? false);
  const info = await traceInfo(await openTrace(flags.output));
  const object = { ...info, skipped: report.skipped, ...ended };
  print(flags.json, object, `${describeTrace(info)}\n\n${command[0]} ${sayEnd(ended)}`);
}

async function recorded(
  command: readonly string[],
  output: string,
  options: ImportOptions,
  quiet: boolean,
): Promise<{ report: ImportReport; ended: Ended }> {
  const args = ["--tool=lackey", "--trace-mem=yes", `--log-fd=${LOG_FD}`, ...command];
  const child = spawn("valgrind", args, { stdio: ["inherit", quiet ? 2 : "inherit", "inherit", "pipe"] });
  const end = endOf(child);
  // What nobody reads when a child ends is thrown away by Node: somebody reads from the start.
  const log = child.stdio[LOG_FD] as Readable | undefined;
  const stream = log?.pipe(new PassThrough()) ?? new PassThrough();
  // An interrupt is for the command; what it did until then is a trace.
  const wait = () => {};
  process.on("SIGINT", wait);
  try {
    await started(child);
    const name = `${basename(command[0] ?? "")}.lackey`;
    const report = await importTrace({ name, stream }, output, options).catch(async (error: unknown) => {
      stop(child, stream);
      const text = messageOf(error);
      throw new Error(`${text}; ${command[0]} ${sayEnd(await end)}`, { cause: error });
    });
    stop(child, stream);
    return { report, ended: await end };
  } finally {
    process.off("SIGINT", wait);
  }
}

/** A command whose accesses nobody reads any more is ended; one that was read to its end has done so itself. */
function stop(child: ChildProcess, stream: Readable): void {
  if (stream.readableEnded) return;
  child.kill();
  (child.stdio[LOG_FD] as Readable).destroy();
}

function endOf(child: ChildProcess): Promise<Ended> {
  return new Promise((resolve) => {
    child.on("exit", (exitCode, signal) => resolve({ exitCode, signal }));
  });
}

function started(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    child.on("spawn", resolve);
    child.on("error", (error: NodeJS.ErrnoException) => {
      const why =
        error.code === "ENOENT"
          ? "valgrind is not installed here: no program of that name is on the PATH. Install it (apt install valgrind, dnf " +
            "install valgrind), or record elsewhere with valgrind --tool=lackey --trace-mem=yes --log-file=a.lackey COMMAND and " +
            "import that file"
          : `valgrind cannot be run: ${error.message}`;
      reject(new Error(why, { cause: error }));
    });
  });
}

function sayEnd({ exitCode, signal }: Ended): string {
  return signal === null ? `ended with exit code ${exitCode}` : `was ended by ${signal}`;
}
