// Every tutorial, as somebody who copies its lines one block after the other: they run, and print what the text shows.

import { execFileSync, spawn } from "node:child_process";
import { accessSync, constants } from "node:fs";
import { mkdtemp, readdir, readFile, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, onTestFinished, test } from "vitest";
import { matches, readTutorial, type Step } from "./read-tutorial.ts";

const HOUSE = fileURLToPath(new URL("../..", import.meta.url));
const FOLDER = join(HOUSE, "docs/tutorials");

/** What a tutorial may need, and whether this host has it. */
const HAS: Readonly<Record<string, () => boolean>> = {
  fuse: () => {
    try {
      accessSync("/dev/fuse", constants.R_OK | constants.W_OK);
      execFileSync("unshare", [...(process.getuid?.() === 0 ? [] : ["-r"]), "-m", "true"], { stdio: "ignore" });
      return true;
    } catch {
      return false;
    }
  },
  "gdb-multiarch": () => onPath("gdb-multiarch"),
  gcc: () => onPath("gcc"),
};

function onPath(program: string): boolean {
  return (process.env.PATH ?? "").split(":").some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

const names = (await readdir(FOLDER)).filter((name) => name.endsWith(".md") && name !== "README.md").sort();

test("there are tutorials, and each has lines to copy", async () => {
  expect(names.length).toBeGreaterThan(0);
  for (const name of names) {
    const { steps } = readTutorial(await readFile(join(FOLDER, name), "utf8"));
    expect(steps.length, name).toBeGreaterThan(1);
    for (const need of steps.flatMap(({ needs }) => needs)) expect(Object.keys(HAS), name).toContain(need);
  }
});

describe.each(names)("docs/tutorials/%s", async (name) => {
  const { steps } = readTutorial(await readFile(join(FOLDER, name), "utf8"));
  const lacks = ({ needs }: Step) => needs.filter((need) => !HAS[need]?.());
  for (const step of steps.filter((one) => lacks(one).length > 0)) {
    console.log(`docs/tutorials/${name}:${step.line}: NOT RUN: this host lacks ${lacks(step).join(", ")}`);
  }
  const ran = steps.filter((step) => lacks(step).length === 0);

  test("runs as it stands, and prints what it shows", { timeout: 180_000 }, async () => {
    const outcomes = await copyLines(ran);
    for (const [index, { script, shown, exitCode, line }] of ran.entries()) {
      const place = `docs/tutorials/${name}:${line}`;
      const outcome = outcomes[index];
      expect(outcome, `${place}: ran\n${outcomes.at(-1)?.all ?? ""}`).toBeDefined();
      expect(`${place} ends with ${outcome?.exitCode}\n${outcome?.exitCode === exitCode ? "" : outcome?.all}`).toBe(
        `${place} ends with ${exitCode}\n`,
      );
      if (shown !== undefined && !matches(outcome?.printed ?? "", shown)) {
        expect(outcome?.printed, `${place}\n${script}`).toBe(shown);
      }
    }
  });
});

interface Outcome {
  readonly exitCode: number;
  readonly printed: string;
  readonly all: string;
}

const NOT_OF_A_CLONE = new Set([".git", "scratch"]);

/** One shell runs all steps, in a folder that looks like a clone with the package built. */
async function copyLines(steps: readonly Step[]): Promise<Outcome[]> {
  const folder = await mkdtemp(join(tmpdir(), "tutorial-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  // All that git and a build put there, package.json and the configuration of the tests among it; what steps write stays here.
  for (const name of await readdir(HOUSE)) {
    if (!NOT_OF_A_CLONE.has(name)) await symlink(join(HOUSE, name), join(folder, name));
  }
  const out = (index: number) => join(folder, `.step-${index}`);
  const script = steps.map(({ script }, index) => {
    const log = `'${out(index)}'`;
    // The last line that failed decides, so that a step whose first line does nothing is found out.
    return `code=0; trap 'code=$?' ERR\n{ ${script}\n} >${log}.out 2>${log}.err </dev/null; echo $code >${log}.code`;
  });
  const shell = spawn("bash", ["-c", script.join("\n")], {
    cwd: folder,
    stdio: "ignore",
    detached: true,
    env: {
      ...withoutNpm(process.env),
      NO_COLOR: "1",
      npm_config_userconfig: "/dev/null",
      npm_config_offline: "true",
      npm_config_update_notifier: "false",
    },
  });
  onTestFinished(() => {
    // What a tutorial started in the background and did not end.
    try {
      process.kill(-(shell.pid as number), "SIGKILL");
    } catch {}
  });
  await new Promise((resolve) => shell.on("exit", resolve));
  const outcomes: Outcome[] = [];
  for (const index of steps.keys()) {
    const read = (suffix: string) => readFile(`${out(index)}.${suffix}`, "utf8").catch(() => undefined);
    const [code, printed, errors] = [await read("code"), await read("out"), await read("err")];
    if (code === undefined) break;
    outcomes.push({ exitCode: Number(code), printed: printed ?? "", all: `${printed}${errors}` });
  }
  return outcomes;
}

/** What npm hands on to what it runs would make the npx of a tutorial another one, or a talkative one. */
function withoutNpm(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !/^npm_/i.test(name)));
}
