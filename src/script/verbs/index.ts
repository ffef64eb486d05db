// All there is for a line to begin with.

export { expect } from "./expect.ts";
export { fault, unfault } from "./faults.ts";
export { mkdir, read, rename, rmdir, write } from "./files.ts";
export { capture, cpu } from "./hardware.ts";
