// With which codes mpam ends, and what they mean: --help of mpam and docs/command-line.md show this list.

export const EXIT_CODES: readonly (readonly [code: string, meaning: string])[] = [
  ["0", "done"],
  [
    "1",
    "it went wrong: an expectation not met, errors that a check found, a run that ends otherwise, a host that lacks something",
  ],
  ["2", "the command line, or a file that it names, has to change"],
  ["126, 127", "of mpam run: the command cannot be run, or is not there"],
  ["other", "of mpam run: what its command ended with"],
  [
    "128 + n",
    "ended by signal n: 130 by Ctrl-C, 143 by SIGTERM; mpam mount, mpam serve and mpam worker take both as an end, with 0",
  ],
];
