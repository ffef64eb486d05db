// What docs/ci.md gives others to copy, tried in a project that has the package: node .ci/recipes.mjs PROJECT. The lines of both
// workflows are run; those of the Containerfile in a root of this host's own files. What was not run is said.

import { spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join, resolve } from "node:path";
import { parse } from "yaml";

const project = realpathSync(resolve(process.argv[2] ?? "."));
const examples = new URL("../examples/ci/", import.meta.url);
const read = (name) => readFileSync(new URL(name, examples), "utf8");
const scratch = mkdtempSync(join(tmpdir(), "recipes-"));
/** GitHub fills this in. */
const MATRIX = /\$\{\{ matrix\.platform \}\}/g;
const tried = new Set();
const asRoot = process.getuid?.() === 0;
let failed = false;

const mounts = spawnSync("npx", ["--no-install", "mpam", "run", "--", "true"], { cwd: project, encoding: "utf8" });
const whyNot = mounts.status === 0 ? undefined : mounts.stderr.trim().split("\n").at(-1);

try {
  // Where nobody has to become root there may be no sudo.
  if (asRoot) writeFileSync(join(scratch, "sudo"), '#!/bin/sh\nexec "$@"\n');
  if (asRoot) chmodSync(join(scratch, "sudo"), 0o755);
  github(parse(read("github-workflow.yml")));
  gitlab(parse(read("gitlab-ci.yml")));
  container(read("Containerfile"));
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
process.exitCode = failed ? 1 : 0;

function github({ on, jobs }) {
  if (!Array.isArray(on) || !on.includes("push")) throw new Error("github-workflow.yml: it does not run on push");
  for (const { "runs-on": where, strategy, steps } of Object.values(jobs)) {
    if (!/^ubuntu/.test(where)) throw new Error(`github-workflow.yml: runs on ${where}`);
    for (const { run, uses, env = {}, name } of steps) {
      if (uses) console.log(`github: ${uses}: not run`);
      for (const platform of run?.includes("$MACHINE") ? strategy.matrix.platform : [undefined]) {
        const filled = Object.entries(env).map(([key, text]) => [key, text.replace(MATRIX, platform)]);
        if (run) line("github", run, Object.fromEntries(filled), platform ? `${name}, ${platform}` : name);
      }
    }
  }
}

function gitlab(jobs) {
  for (const { image, script } of Object.values(jobs)) {
    console.log(`gitlab: image ${image}: not run, this host's Node is ${process.version}`);
    for (const text of script) line("gitlab", text, {}, text);
  }
}

function line(where, run, env, name) {
  if (/^npm install/.test(run))
    return console.log(`${where}: ${name}: not run, the package is installed as it was packed`);
  if (whyNot && /mpam run|test:files/.test(run)) return console.log(`${where}: ${name}: NOT RUN: ${whyNot}`);
  const what = JSON.stringify([run, env]);
  if (tried.has(what)) return console.log(`${where}: ${name}: as above`);
  tried.add(what);
  const path = [...(asRoot ? [scratch] : []), process.env.PATH].join(delimiter);
  told(
    `${where}: ${name}`,
    spawnSync("sh", ["-ec", run], { cwd: project, env: { ...process.env, ...env, PATH: path }, encoding: "utf8" }),
  );
}

/** A root of the programs of this host, the project, and what `--device` and `--cap-add` give. */
function container(text) {
  const lines = text.split("\n").filter((one) => /^[A-Z]+ /.test(one));
  const words = (word) => lines.filter((one) => one.startsWith(`${word} `)).map((one) => one.slice(word.length + 1));
  console.log(`container: FROM ${words("FROM")}: not run, its root is made of this host's files`);
  for (const run of words("RUN"))
    console.log(`container: RUN ${run}: not run, the package is installed as it was packed`);
  const [command] = words("CMD").map((one) => JSON.parse(one));
  for (const word of ["WORKDIR", "COPY"])
    for (const text of words(word)) console.log(`container: ${word} ${text}: not run, the project lies where it was`);
  if (whyNot || !asRoot)
    return console.log(`container: CMD ${command.join(" ")}: NOT RUN: ${whyNot ?? "it takes root"}`);
  const house = realpathSync(new URL("..", import.meta.url));
  const packages = realpathSync(join(house, "node_modules"));
  const script = `
    root=${scratch}/root; mkdir $root; mount -t tmpfs none $root; cd $root
    for place in bin sbin lib lib64 usr etc opt proc sys; do
      if [ -L /$place ]; then cp -P /$place $place; elif [ -d /$place ]; then mkdir $place; mount --rbind /$place $place; fi
    done
    mkdir -p dev tmp root .${project} .${house} .${packages}
    for name in fuse null zero urandom random tty; do [ -e /dev/$name ] && touch dev/$name && mount --bind /dev/$name dev/$name; done
    # Links of this project lead to where it was installed.
    parent=${resolve(project, "..")}; mkdir -p .$parent; mount --bind $parent .$parent
    mount --bind ${house} .${house}; mkdir -p .${packages}; mount --bind ${packages} .${packages}
    exec chroot . env HOME=/root PATH="$PATH" sh -ec 'cd ${project}; exec "$@"' sh "$@"`;
  const within = ["--mount", "--propagation", "private", "sh", "-ec", script, "sh", ...command];
  told(`container: CMD ${command.join(" ")}`, spawnSync("unshare", within, { encoding: "utf8" }));
}

function told(name, { status, stdout, stderr }) {
  console.log(`${name}: ${status === 0 ? "ends with 0" : `ends with ${status}`}`);
  if (status === 0) return;
  failed = true;
  console.error(`${stdout}${stderr}`);
}
