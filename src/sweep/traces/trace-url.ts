// Traces by URL: which words are one, what is asked of the server, and what may be shown of it. Credentials and queries may be secret.

import { ErrnoError } from "../../errno/index.ts";
import { parseTraceArgument, renamedTrace } from "../../trace/index.ts";

const CREDENTIALS = /^([^/]*\/\/)[^/?#]*@/;

export function isUrl(name: string): boolean {
  return /^[a-z][a-z0-9+.-]+:\/\//i.test(name);
}

export interface TraceUrl {
  /** What is asked for: without credentials, which are in `authorization`. */
  readonly url: URL;
  /** Value of the header, for servers of this origin only. */
  readonly authorization?: string;
  /** For people. */
  readonly shown: string;
  /** The file's name, whose ending may tell how it is packed. */
  readonly name: string;
}

/** Throws EINVAL. */
export function parseTraceUrl(text: string): TraceUrl {
  if (!/^https?:/i.test(text)) {
    const scheme = text.slice(0, text.indexOf(":"));
    throw new ErrnoError("EINVAL", `${shownUrl(text)}: ${scheme} is not known; a path, http or https is needed`);
  }
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    // The error of URL has the whole text in it.
    throw new ErrnoError("EINVAL", `${shownUrl(text)}: is not a URL`);
  }
  const { username, password } = url;
  const shown = shownUrl(url.href);
  url.username = "";
  url.password = "";
  url.hash = "";
  const secret = `${decoded(username)}:${decoded(password)}`;
  return {
    url,
    ...(secret === ":" ? {} : { authorization: `Basic ${Buffer.from(secret).toString("base64")}` }),
    shown,
    name: nameOf(url),
  };
}

/** The argument of a trace as it may be shown, with what is behind the @ as it was. */
export function shownArgument(argument: string): string {
  // Wrong options are refused with the text that has them, so that text has no secrets.
  const hidden = isUrl(argument) ? argument.replace(CREDENTIALS, "$1") : argument;
  const { name } = parseTraceArgument(hidden);
  return isUrl(name) ? renamedTrace(hidden, shownUrl(name)) : argument;
}

/** A text without user, password and query, where it is a URL. */
export function shownUrl(text: string): string {
  return isUrl(text) ? text.replace(CREDENTIALS, "$1").replace(/[?#].*$/s, "?...") : text;
}

function nameOf(url: URL): string {
  const last = decoded(url.pathname.split("/").findLast((part) => part !== "") ?? "");
  // What an encoded slash hides, and what would write on a terminal.
  const plain = last.replace(/^.*[/\\]/, "").replace(/\p{Cc}/gu, "");
  return plain === "" ? url.hostname : plain;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
