// Where a queue is: one URL, which may hold a password and is therefore never printed as it came.

import type { RedisOptions } from "ioredis";
import { UsageError } from "../../written/index.ts";

/** Where no password stands in the URL: command lines can be read by everyone on a host. */
const PASSWORD = "MPAM_QUEUE_PASSWORD";

const FORM = "redis://[USER:PASSWORD@]HOST[:PORT][/DATABASE][?prefix=NAME&queue=NAME] is needed, or rediss:// for TLS";

export interface QueueAddress {
  /** For people: no password, no user. */
  readonly shown: string;
  readonly options: RedisOptions;
  /** Before all keys; default mpam. */
  readonly prefix: string;
  /** Default sweep. */
  readonly queue: string;
}

/** Throws a UsageError that does not repeat what may be a password. */
export function parseQueueUrl(text: string, env: NodeJS.ProcessEnv = process.env): QueueAddress {
  const refuse = (what: string): never => {
    throw new UsageError(`queue: ${what}; ${FORM}`);
  };
  const url = URL.canParse(text) ? new URL(text) : refuse("this is no URL");
  const secure = url.protocol === "rediss:";
  if (!secure && url.protocol !== "redis:") refuse(`it begins with '${url.protocol}'`);
  if (url.hostname === "") refuse("there is no host");
  if (url.hash !== "") refuse("there is a '#', which belongs into a password as %23");
  const port = url.port === "" ? 6379 : Number(url.port);
  const host = decoded(url.hostname.replace(/^\[(.*)\]$/, "$1")) ?? refuse("its host cannot be read");
  const database = url.pathname.replace(/^\//, "");
  if (!/^\d{0,5}$/.test(database)) refuse("its database is no number");
  const names = { prefix: "mpam", queue: "sweep" };
  for (const [key, value] of url.searchParams) {
    if (key !== "prefix" && key !== "queue") refuse("behind the '?' prefix and queue are known");
    // They become parts of keys, which colons divide.
    else if (!/^[\w.-]{1,64}$/.test(value)) refuse(`${key} is made of letters, digits, '.', '_' and '-'`);
    else names[key] = value;
  }
  const username = decoded(url.username) ?? refuse("its user cannot be read");
  const password = (decoded(url.password) ?? refuse("its password cannot be read")) || env[PASSWORD] || "";
  return {
    shown: `${url.hostname}:${port}${database === "" || database === "0" ? "" : `/${Number(database)}`}`,
    options: {
      host,
      port,
      db: Number(database),
      ...(username === "" ? {} : { username }),
      ...(password === "" ? {} : { password }),
      ...(secure ? { tls: /^[\d.:]+$/.test(host) ? {} : { servername: host } } : {}),
    },
    ...names,
  };
}

function decoded(part: string): string | undefined {
  try {
    return decodeURIComponent(part);
  } catch {
    return undefined;
  }
}
