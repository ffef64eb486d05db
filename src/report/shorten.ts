// Names and texts where there is little room, in letters.

import { plain } from "./markup.ts";

/** Without its middle: names are often told apart by how they end. */
export function shortened(name: string, letters: number): string {
  const whole = [...plain(name)];
  const most = Math.max(3, Math.floor(letters));
  if (whole.length <= most) return whole.join("");
  const head = Math.ceil((most - 1) / 2);
  return `${whole.slice(0, head).join("")}\u2026${whole.slice(whole.length - (most - 1 - head)).join("")}`;
}

/** Without its end. */
export function clipped(text: string, letters: number): string {
  const whole = [...plain(text)];
  const most = Math.max(1, Math.floor(letters));
  return whole.length <= most ? whole.join("") : `${whole.slice(0, Math.max(1, most - 1)).join("")}\u2026`;
}
