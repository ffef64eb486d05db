// The exports that lay out a whole memory system, on hardware that has one cache of one slice and one channel. It goes
// when assembly/ has them.

import type { Builder, Entrance, Hardware } from "./wasm.ts";

export function present(hardware: Hardware): Builder & Entrance {
  let caches = 0;
  let channels = 0;
  return {
    init: (owners, requesters, scratchBytes) => hardware.init(owners, requesters, scratchBytes),
    configure: (lineShift) => need(lineShift === 6, "lines of 64 bytes"),
    addCache(_level, slices, sets, ways, policy, flags, portionsMax) {
      caches += slices;
      need(caches === 1, "one cache of one slice");
      need(policy === 0, "policy lru");
      need(flags === 0, "no inclusive, no relabelOnWriteHit and mbwu downstream");
      return hardware.addCache(sets, ways, portionsMax);
    },
    addNode(count) {
      channels += count;
      need(channels === 1, "one memory channel");
      return hardware.addChannel();
    },
    setBelow() {},
    addMsc: (...words) => hardware.addMsc(...words),
    addBank: (...words) => hardware.addBank(...words),
    addRis: (...words) => {
      const [window] = words.splice(-1);
      need(window === 0, "mbw.window paced");
      hardware.addRis(...(words as unknown as Parameters<Hardware["addRis"]>));
    },
    seal: () => hardware.seal(),
    setEntry() {},
  };
}

function need(holds: boolean, what: string): void {
  if (!holds) throw new RangeError(`the hardware of this version simulates ${what} only`);
}
