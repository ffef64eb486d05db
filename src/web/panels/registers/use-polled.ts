// Something asked of the machine again and again while it is looked at.

import { useEffect, useRef } from "preact/hooks";

const PERIOD_MS = 400;

/** Calls `look` at once, and then a few times a second while the page is seen; `again` makes it look now. */
export function usePolled(look: () => Promise<void>, dependencies: readonly unknown[]): () => Promise<void> {
  const latest = useRef(look);
  latest.current = look;
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let ended = false;
    const turn = async () => {
      if (!document.hidden) await latest.current();
      if (!ended) timer = setTimeout(() => void turn(), PERIOD_MS);
    };
    void turn();
    return () => {
      ended = true;
      clearTimeout(timer);
    };
  }, dependencies);
  return () => latest.current();
}
