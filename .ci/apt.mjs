// Programs of others, from the packages of this host, where that is allowed: node .ci/apt.mjs PACKAGE...
// What cannot be had is no failure here: each check says what it did not run, and why.

import { spawnSync } from "node:child_process";
import { argv } from "node:process";
import { pathToFileURL } from "node:url";

export function isHere(program) {
  return spawnSync("sh", ["-c", `command -v ${program}`]).status === 0;
}

/** Installs those packages that are missing, if this is root on a host with apt-get. */
export function install(packages) {
  if (process.getuid() !== 0 || !isHere("apt-get")) return;
  const wanted = packages.filter((name) => spawnSync("dpkg", ["-s", name]).status !== 0);
  if (wanted.length === 0) return;
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  spawnSync("apt-get", ["-qq", "update"], { env });
  spawnSync("apt-get", ["-qq", "install", "-y", "--no-install-recommends", ...wanted], { env });
}

if (import.meta.url === pathToFileURL(argv[1] ?? "").href) install(argv.slice(2));
