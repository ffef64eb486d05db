// What the visitor's system asks for, as signals: dark colours, and little motion.

import { type ReadonlySignal, signal } from "@preact/signals";

function matches(query: string): ReadonlySignal<boolean> {
  const list = matchMedia(query);
  const now = signal(list.matches);
  list.addEventListener("change", ({ matches }) => {
    now.value = matches;
  });
  return now;
}

export const isDark = matches("(prefers-color-scheme: dark)");
export const isStill = matches("(prefers-reduced-motion: reduce)");
