// Play, pause, one step, and how fast model time goes.

import { useEffect } from "preact/hooks";
import type { PageState } from "../state.ts";

/** Model time against time of the wall. */
const SPEEDS: readonly (readonly [speed: number | "max", words: string])[] = [
  [0.00001, "very slow: 10 µs/s"],
  [0.00005, "slow: 50 µs/s"],
  [0.0002, "calm: 200 µs/s"],
  [0.001, "brisk: 1 ms/s"],
  [0.005, "fast: 5 ms/s"],
  ["max", "full speed"],
];

/** A step: a quantum or more of every platform. */
const STEP_NS = 10_000;

export function Transport({ page }: { readonly page: PageState }) {
  const isPlaying = page.playing.value;
  const toggle = () => void (isPlaying ? page.pause() : page.play());
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key !== "k" || event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
      event.preventDefault();
      toggle();
    };
    addEventListener("keydown", onKey);
    return () => removeEventListener("keydown", onKey);
  });
  const speed = page.speed.value;
  const known = SPEEDS.some(([one]) => one === speed);
  return (
    <fieldset class="transport" aria-label="Time">
      <button type="button" class="primary" id="play" onClick={toggle} aria-keyshortcuts="k">
        {isPlaying ? "Pause" : "Play"}
      </button>
      <button type="button" onClick={() => void page.step(STEP_NS)} title="Ten microseconds of model time">
        Step
      </button>
      <label>
        Speed
        <select
          id="speed"
          value={String(speed)}
          onChange={({ currentTarget: { value } }) => void page.setSpeed(value === "max" ? "max" : Number(value))}
        >
          {!known && <option value={String(speed)}>{speed} of real time</option>}
          {SPEEDS.map(([one, words]) => (
            <option key={one} value={String(one)}>
              {words}
            </option>
          ))}
        </select>
      </label>
    </fieldset>
  );
}

export function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName))
  );
}
