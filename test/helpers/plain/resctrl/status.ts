// info/last_cmd_status (resctrl-fs.md section 3): a buffer of 512 bytes, so 511 of text.

const ROOM = 511;

export class PlainStatus {
  #text = "";
  #truncated = false;

  clear(): void {
    this.#text = "";
    this.#truncated = false;
  }

  /** Formatted: what fits is kept. */
  print(text: string): void {
    if (this.#truncated) return;
    this.#text += text;
    if (this.#text.length <= ROOM) return;
    this.#text = this.#text.slice(0, ROOM);
    this.#truncated = true;
  }

  /** Fixed: all of it or nothing. */
  put(text: string): void {
    if (this.#truncated) return;
    if (this.#text.length + text.length <= ROOM) this.#text += text;
    else this.#truncated = true;
  }

  read(): string {
    if (this.#text === "" && !this.#truncated) return "ok\n";
    return this.#text + (this.#truncated ? "[truncated]\n" : "");
  }
}
