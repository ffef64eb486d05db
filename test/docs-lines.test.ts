// Lines of mpam in the documents: commands, options and values that there are, and files that are there. What they do is not
// tried here: tutorials run, and so do the examples of --help.

import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Command, CommanderError } from "commander";
import { expect, test } from "vitest";
import { program } from "../src/cli/commands.ts";
import { valuesOfOption } from "../src/cli/words/values.ts";
import { linesOfMpam } from "./helpers/lines-of-mpam.ts";

const HOUSE = fileURLToPath(new URL("..", import.meta.url));
const documents = ["README.md", "CHANGELOG.md", "CONTRIBUTING.md", "c/README.md"].concat(
  ...(await Promise.all(
    ["docs", "docs/tutorials", "examples", "examples/ci"].map(async (folder) =>
      (await readdir(join(HOUSE, folder))).filter((name) => name.endsWith(".md")).map((name) => `${folder}/${name}`),
    ),
  )),
);

/**
 * What mpam would refuse of these words before it begins, or undefined.
 * @param whole Nothing is left out, as it may be in a sentence.
 */
function refused(words: readonly string[], whole: boolean): string | undefined {
  let said = "";
  let odd: string | undefined;
  const mpam = program("0");
  const quieten = (command: Command, path: string): void => {
    command.configureOutput({ writeErr: (text) => (said ||= text.trim()), writeOut: () => {} });
    if (!whole) for (const argument of command.registeredArguments) argument.required = false;
    if (!whole) for (const option of command.options) option.mandatory = false;
    if (command.commands.length === 0 || command.registeredArguments.length > 0) {
      command.action(() => {
        odd ??= oddValue(command, path);
      });
    }
    for (const one of command.commands) quieten(one, path === "" ? one.name() : `${path} ${one.name()}`);
  };
  quieten(mpam, "");
  try {
    mpam.parse(words, { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    // Groups of commands that stand alone, as in "the lines of `mpam trace`", print their help.
    if (error.exitCode === 0 || error.code === "commander.help") return undefined;
    return !whole && error.code === "commander.optionMissingArgument" ? undefined : said || error.message;
  }
  return odd;
}

/** An option's value that is none of those that it can have. */
function oddValue(command: Command, path: string): string | undefined {
  for (const option of command.options) {
    if (command.getOptionValueSource(option.attributeName()) !== "cli") continue;
    const allowed = valuesOfOption(path, option.long as string, "");
    if (!Array.isArray(allowed)) continue;
    for (const value of [command.getOptionValue(option.attributeName())].flat()) {
      const known = (part: string) => allowed.some((one) => (one.endsWith(":") ? part.startsWith(one) : part === one));
      if (!known(String(value)) && !String(value).split(",").every(known)) {
        return `${option.long} is ${value}; ${allowed.join(", ")} are known`;
      }
    }
  }
  return undefined;
}

test.each(documents)("%s names commands, options and files that there are", async (path) => {
  const wrong: string[] = [];
  for (const { words, line, inline } of linesOfMpam(await readFile(join(HOUSE, path), "utf8"))) {
    const place = `${path}:${line}: mpam ${words.join(" ")}`;
    const why = refused(words, !inline);
    if (why !== undefined) wrong.push(`${place}: ${why}`);
    for (const word of words) {
      if (/^(platforms|examples)\/[^*]+\.\w+$/.test(word) && !existsSync(join(HOUSE, word)))
        wrong.push(`${place}: there is no ${word}`);
    }
  }
  expect(wrong).toEqual([]);
});

test("there are lines in blocks and in sentences", async () => {
  const readme = linesOfMpam(await readFile(join(HOUSE, "README.md"), "utf8"));
  expect(readme.filter(({ inline }) => !inline).length).toBeGreaterThan(9);
  expect(linesOfMpam(await readFile(join(HOUSE, "docs/replay.md"), "utf8")).some(({ inline }) => inline)).toBe(true);
});

test("lines are found, and what is wrong in them", () => {
  const found = linesOfMpam(
    [
      "# Of `mpam trace`",
      "```sh",
      "A=1 npx mpam replay $A \\",
      "  -d \"@0 write web/schemata 'x y'\" 2>&1 | head -n 1   # mpam no comment",
      "cat <<'END' > it.txt",
      "mpam it's no line",
      "END",
      "cd x && mpam probe p.yaml > out",
      "```",
    ].join("\n"),
  );
  expect(found).toEqual([
    { words: ["trace"], line: 1, inline: true },
    { words: ["replay", "$A", "-d", "@0 write web/schemata 'x y'"], line: 3, inline: false },
    { words: ["probe", "p.yaml"], line: 8, inline: false },
  ]);
  expect(refused(["replay", "a.arrow", "--timing", "closed"], true)).toBeUndefined();
  expect(refused(["replay", "a.arrow", "--timing", "shut"], true)).toContain("open, closed are known");
  expect(refused(["replay", "a.arrow", "--tming", "open"], true)).toContain("unknown option '--tming'");
  expect(refused(["replay"], true)).toContain("missing required argument");
  expect(refused(["replay"], false)).toBeUndefined();
  expect(refused(["replay", "--timing"], true)).toContain("argument missing");
  expect(refused(["replay", "--timing"], false)).toBeUndefined();
  expect(refused(["reply", "a.arrow"], true)).toContain("unknown command 'reply'");
});
