// Where a server listens, as a command line names it: a path, tcp:PORT, tcp:HOST:PORT or stdio.

import { isIPv4, isIPv6 } from "node:net";
import { ErrnoError } from "../errno/index.ts";

export type Address =
  | { readonly kind: "unix"; readonly path: string }
  | { readonly kind: "tcp"; readonly host: string; readonly port: number }
  | { readonly kind: "stdio" };

/** What sockaddr_un holds, less its zero byte. */
const PATH_BYTES = 107;

const FORMS = "a path, tcp:PORT, tcp:HOST:PORT or stdio is allowed";

/**
 * Throws EINVAL for what is no address, and for a TCP host that others than this computer reach, unless `allowRemote`.
 */
export function parseAddress(text: string, { allowRemote = false }: { readonly allowRemote?: boolean } = {}): Address {
  if (text === "stdio") return { kind: "stdio" };
  if (!text.startsWith("tcp:")) return unix(text);
  const [, inBrackets, plain, digits = ""] = /^tcp:(?:(?:\[([^\]]*)\]|([^:]*)):)?(\d{1,5})$/.exec(text) ?? [];
  const port = Number(digits);
  if (digits === "" || port > 65_535) {
    throw new ErrnoError("EINVAL", `'${text}': tcp:PORT or tcp:HOST:PORT, PORT a number up to 65535 (0: any free one)`);
  }
  const host = inBrackets ?? plain ?? "127.0.0.1";
  if (!allowRemote && !isLoopback(host)) {
    throw new ErrnoError(
      "EINVAL",
      `'${text}': whoever reaches ${host === "" ? "that host" : host} could do anything to the machine; tcp:127.0.0.1:${port} is for this computer alone, --allow-remote for all`,
    );
  }
  return { kind: "tcp", host: host === "" ? "::" : host, port };
}

function unix(path: string): Address {
  if (path === "" || path.includes("\0")) throw new ErrnoError("EINVAL", `'${path}': ${FORMS}`);
  const bytes = Buffer.byteLength(path);
  if (bytes > PATH_BYTES) {
    throw new ErrnoError(
      "ENAMETOOLONG",
      `'${path}': ${bytes} bytes; a socket's path has ${PATH_BYTES} at most: take a shorter one, or one from the working directory`,
    );
  }
  return { kind: "unix", path };
}

function isLoopback(host: string): boolean {
  return host === "localhost" || (isIPv4(host) && host.startsWith("127.")) || (isIPv6(host) && host === "::1");
}

/** As it is written. */
export function showAddress(address: Address): string {
  if (address.kind === "stdio") return "stdio";
  if (address.kind === "unix") return address.path;
  return `tcp:${address.host.includes(":") ? `[${address.host}]` : address.host}:${address.port}`;
}
