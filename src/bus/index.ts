// The bus: how software reaches the registers of an MSC.

export type { Access, Bus } from "./bus.ts";
export { Holding, Lock, type LockName, NOTHING_HELD } from "./lock.ts";
export { Mailboxes, type MailboxOptions, type SavedMailboxes } from "./mailbox.ts";
export { type CpuChoice, MmioBus } from "./mmio.ts";
export { MAILBOX_TIMEOUT_NS } from "./pcc-channel.ts";
export type { WidePort } from "./shared-memory.ts";
