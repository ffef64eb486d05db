// Where the package lies, whether this runs bundled from dist/bench or from its source under a test runner.
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export function packageRoot(): string {
  let directory = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(directory, "package.json"))) {
    const above = dirname(directory);
    if (above === directory) throw new Error("no package.json above the benchmarks");
    directory = above;
  }
  return directory;
}
