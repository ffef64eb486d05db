// The tree as a filesystem of the kernel.

export type { Answered, Asked, JournalEntry } from "./journal.ts";
export { type Mounted, startMount } from "./mount.ts";
export { say } from "./say.ts";
export type { Pace } from "./serve.ts";
export { mountOptions, nudge, O_PATH, Server, type ServerOptions, type TreeType } from "./server.ts";
export { Session, type SessionOptions } from "./session.ts";
export { type Served, serveInThread } from "./worker.ts";
