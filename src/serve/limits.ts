// What one client may take. Each limit has a name, which the refusal says.

export interface Limits {
  /** Connections of one address at once. */
  readonly connections: number;
  /** Bytes that wait for a client that does not read. */
  readonly unreadBytes: number;
  /** Without a word for so long, ms. */
  readonly idleMs: number;
}

export const LIMITS: Limits = { connections: 8, unreadBytes: 4 * 2 ** 20, idleMs: 12 * 3_600_000 };
