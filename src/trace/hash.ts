// SHA-256 of an input: what metadata and snapshots name a trace by.
import type { Input } from "./input.ts";

export async function sha256(input: Input): Promise<string> {
  if (input.digest) return input.digest();
  if (typeof process === "object" && typeof process.versions?.node === "string") {
    const { createHash } = await import("node:crypto");
    const hash = createHash("sha256");
    for await (const chunk of input.chunks()) hash.update(chunk);
    return hash.digest("hex");
  }
  // The browser's own digest takes the whole content at once.
  const digest = await crypto.subtle.digest("SHA-256", (await input.read(0, input.size)) as Uint8Array<ArrayBuffer>);
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
