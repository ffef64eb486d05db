// mpam page: the page of the package, on a server for this computer alone.

import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { PageFiles, servePage } from "../serve/index.ts";
import { plural, UsageError, whole } from "../written/index.ts";
import { bundled } from "./bundled.ts";

interface PageFlags {
  port?: string;
  open?: boolean;
  check?: boolean;
  json?: boolean;
}

const HOST = "127.0.0.1";
const MOST_PORT = 65_535;
const ENDING = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

export async function page(flags: PageFlags): Promise<void> {
  // Before anything takes time: who ends it early ends it cleanly.
  const asked = new Promise<void>((end) => {
    for (const signal of ENDING) process.once(signal, () => end());
  });
  const port = flags.port === undefined ? 0 : portFrom(flags.port);
  const folder = bundled("dist/page");
  if (!existsSync(folder)) throw new UsageError(`the page is not built here: npm run build:page makes ${folder}`);
  const files = await PageFiles.of(folder);
  const say = (text: string, object: object) => process.stdout.write(`${flags.json ? JSON.stringify(object) : text}\n`);
  if (flags.check) {
    const { length } = files.paths;
    say(`${plural(length, "file")} of ${folder} would be served, for this computer alone`, { folder, files: length });
    return;
  }
  const complain = (line: string) => void process.stderr.write(`${line}\n`);
  const listener = await servePage({ kind: "tcp", host: HOST, port }, files, { say: complain });
  try {
    const url = `http://${listener.address.replace(/^tcp:/, "")}/`;
    say(`The page is at ${url} until you press Ctrl-C.`, { ready: true, url, pid: process.pid });
    if (flags.open) openInBrowser(url);
    await asked;
  } finally {
    await listener.close();
  }
}

function portFrom(text: string): number {
  const port = whole("port", text);
  if (port > MOST_PORT) throw new UsageError(`port '${text}': a number up to ${MOST_PORT} is needed (0: any free one)`);
  return port;
}

/** What opens addresses, by process.platform; elsewhere xdg-open. */
const OPENERS: Readonly<Record<string, readonly [string, ...string[]]>> = {
  darwin: ["open"],
  win32: ["cmd", "/c", "start", ""],
};

/** Where that cannot be done the server stays, and the address stands there. */
function openInBrowser(url: string): void {
  const [command, ...words] = OPENERS[process.platform] ?? ["xdg-open"];
  const child = spawn(command, [...words, url], { stdio: "ignore", detached: true });
  const failed = (why: string) => process.stderr.write(`mpam: no browser could be opened: ${why}\n`);
  child.on("error", ({ message }) => failed(message));
  child.on("exit", (code) => code !== 0 && failed(`${command} ended with ${code}`));
  child.unref();
}
