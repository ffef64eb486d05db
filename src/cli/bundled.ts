// Files that come with the package: platforms and example traces, the same two steps up from src/cli and from dist/esm.

import { fileURLToPath } from "node:url";

export function bundled(path: string): string {
  return fileURLToPath(new URL(`../../${path}`, import.meta.url));
}

export const DEFAULT_PLATFORM = "platforms/one-socket.yaml";
