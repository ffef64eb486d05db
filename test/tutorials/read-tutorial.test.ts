import { expect, test } from "vitest";
import { matches, readTutorial } from "./read-tutorial.ts";

const TEXT = `# One

<!-- needs: fuse, gdb-multiarch -->
\`\`\`sh
echo a
\`\`\`

\`\`\`
a
\`\`\`

Then:

<!-- ends with 1 -->
\`\`\`sh
false
\`\`\`

Words.

\`\`\`
not what it printed
\`\`\`
`;

test("steps, what they show and what they need are read from the text", () => {
  expect(readTutorial(TEXT)).toEqual({
    title: "One",
    steps: [
      { line: 5, script: "echo a", shown: "a", exitCode: 0, needs: ["fuse", "gdb-multiarch"] },
      { line: 16, script: "false", exitCode: 1, needs: [] },
    ],
  });
});

test("a block that is never closed, and a text without a title, are refused", () => {
  expect(() => readTutorial("# One\n```sh\nls")).toThrow("line 2: the block is never closed");
  expect(() => readTutorial("One")).toThrow("begins with its title");
});

test.each([
  ["a\nb\n", "a\nb", true],
  ["a\nb\n", "a", false],
  ["a\nb\n", "b", false],
  ["a\nb\nc\n", "a\n...", true],
  ["a\nb\nc\n", "...\nc", true],
  ["a\nb\nc\n", "a\n...\nc", true],
  ["a\nb\nc\nd\n", "a\n...\nc\n...", true],
  ["a\nb\nc\nd\n", "...\nc\n...\nb\n...", false],
  ["a\nb\n", "...\na", false],
  ["a\n", "a\n...\na", false],
])("%j is shown as %j: %s", (printed, shown, expected) => {
  expect(matches(printed, shown)).toBe(expected);
});
