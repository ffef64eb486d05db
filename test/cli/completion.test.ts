// mpam completion: what shells offer, asked of the shells.

import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { program } from "../../src/cli/commands.ts";
import { bashScript } from "../../src/cli/completion/bash.ts";
import { SHELLS } from "../../src/cli/completion/completion.ts";
import { fishScript } from "../../src/cli/completion/fish.ts";
import { grammarOf } from "../../src/cli/completion/grammar.ts";
import { bundledPlatforms } from "../../src/cli/named-platform.ts";
import { COMMAND } from "../helpers/command-line.ts";
import { sayNotRun } from "../helpers/not-run.ts";

const absent = (shell: string) => (spawnSync(shell, ["--version"]).error ? `there is no ${shell}` : undefined);

let folder = "";
const file = (name: string) => join(folder, name);
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "mpam-completion-"));
  for (const shell of Object.keys(SHELLS)) {
    writeFileSync(file(`mpam.${shell}`), execFileSync(process.execPath, [COMMAND, "completion", shell]));
  }
  writeFileSync(file("sort.arrow"), "");
  writeFileSync(file("two words.arrow"), "");
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Words so far, the last one begun; what is offered among others, and what is not. */
const CASES: readonly (readonly [words: readonly string[], offered: readonly string[], not: readonly string[]])[] = [
  [[""], ["replay", "trace", "init", "doctor", "completion"], ["inside", "import"]],
  [["tr"], ["trace"], ["replay"]],
  [["trace", ""], ["import", "info", "head", "pack", "record"], ["labels"]],
  [["trace", "import", "--form"], ["--form", "--format"], ["--platform"]],
  [["replay", "--timing", ""], ["open", "closed"], ["counts"]],
  [["replay", "a.arrow", "--timing", "cl"], ["closed"], ["open"]],
  [["probe", "two"], ["two-sockets"], ["server"]],
  [["probe", "-p", "two"], ["two-sockets"], ["server"]],
  [["replay", "-p", "server", "so"], ["sort.arrow"], ["server"]],
  [["explain", "labels", "--el", ""], ["0", "1", "2", "3"], ["data"]],
  [["trace", "import", "--cpus", ""], ["drop", "record"], []],
  [["init", "--preset", "t2"], ["t241"], ["two-sockets"]],
  [["completion", ""], ["bash", "zsh", "fish"], []],
];

const noBash = absent("bash");
sayNotRun("completion in bash", noBash);
describe.skipIf(noBash !== undefined)("bash", () => {
  const offered = (words: readonly string[], more = "") => {
    const script = `source "$0"; compopt() { :; }; ${more} COMP_WORDS=(mpam "$@"); COMP_CWORD=$#; _mpam; printf '%s\\n' "\${COMPREPLY[@]}"`;
    return execFileSync("bash", ["-c", script, file("mpam.bash"), ...words], { cwd: folder, encoding: "utf8" })
      .trim()
      .split("\n");
  };
  test.each(CASES)("mpam %j", (words, these, others) => {
    const found = offered(words);
    expect(found).toEqual(expect.arrayContaining([...these]));
    for (const other of others) expect(found).not.toContain(other);
  });
  test("a value behind = is one too", () => {
    expect(offered(["replay", "--timing", "=", "cl"])).toEqual(["closed"]);
    expect(offered(["replay", "--timing", "="])).toEqual(["open", "closed"]);
  });
  test("a number is nobody's to guess", () => expect(offered(["init", "--cpus", ""])).toEqual([""]));
  test("of options that take several each is a file", () => {
    expect(offered(["mount", "--replay", "sort.arrow", "so"])).toContain("sort.arrow");
  });
  test("behind -- stands a command", () => expect(offered(["run", "--", "bas"])).toContain("bash"));
  test("names with blanks stay whole", () => expect(offered(["replay", "two w"])).toEqual(["two words.arrow"]));
  test("nothing is left in the session but its own names", () => {
    const names = execFileSync(
      "bash",
      [
        "-c",
        'before=$(compgen -v -A function); source "$0"; compgen -v -A function | grep -vxF "$before"',
        file("mpam.bash"),
      ],
      { encoding: "utf8" },
    );
    expect(
      names
        .trim()
        .split("\n")
        .filter((name) => !/^_mpam|^(before|_|PIPESTATUS|BASH_\w+)$/.test(name)),
    ).toEqual([]);
  });
});

const noFish = absent("fish");
sayNotRun("completion in fish", noFish);
test.skipIf(noFish !== undefined).each(CASES)("fish: mpam %j", (words, these, others) => {
  const line = ["mpam", ...words].join(" ");
  const out = execFileSync(
    "fish",
    ["--no-config", "-c", `source ${file("mpam.fish")}; complete -C ${JSON.stringify(line)}`],
    { cwd: folder, encoding: "utf8" },
  );
  const found = out.split("\n").map((one) => one.split("\t")[0]);
  expect(found).toEqual(expect.arrayContaining([...these]));
  for (const other of others) expect(found).not.toContain(other);
});

const noZsh = absent("zsh");
sayNotRun("completion in zsh", noZsh);
test.skipIf(noZsh !== undefined)("zsh reads its script, and knows the function", () => {
  const script = `autoload -Uz compinit; compinit -u -D; source ${file("mpam.zsh")}; print $_comps[mpam]; _mpam_value 'replay' '--timing'; _mpam_is_command '' trace && print trace`;
  expect(execFileSync("zsh", ["-f", "-c", script], { encoding: "utf8" })).toBe("_mpam\nopen closed\ntrace\n");
});

test("descriptions of any letters stay within their quotes", () => {
  const root = grammarOf(program("0"));
  const nasty = {
    ...root,
    commands: [{ ...root.commands[0], name: "odd", path: "odd", description: 'it\'s $(rm) `x` \\ "q"', commands: [] }],
  } as typeof root;
  const script = bashScript(nasty, bundledPlatforms());
  expect(spawnSync("bash", ["-n"], { input: script }).status ?? 0).toBe(0);
  expect(fishScript(nasty, [])).toContain("-d 'it\\'s $(rm) `x` \\\\ \"q\"'");
});
