// How much is going on: accesses and frames a second, model time, threads.

import type { PageState } from "../state.ts";
import { showTime } from "../units.ts";

export function Figures({ page }: { readonly page: PageState }) {
  const frame = page.latest.value;
  const accesses = frame?.recordsPerSecond ?? 0;
  const frames = page.framesPerSecond.value;
  return (
    <dl class="figures">
      <div>
        <dt>Accesses/s</dt>
        <dd data-figure="accesses" data-value={accesses}>
          {showRate(accesses)}
        </dd>
      </div>
      <div>
        <dt>Frames/s</dt>
        <dd data-figure="frames" data-value={frames}>
          {frames.toFixed(0)}
        </dd>
      </div>
      <div>
        <dt>Model time</dt>
        <dd data-figure="time" data-value={frame?.time ?? 0}>
          {showTime(frame?.time ?? 0)}
        </dd>
      </div>
      <div>
        <dt>Runs on</dt>
        <dd data-figure="threads" class="words">
          {page.booted.value?.threads ?? "…"}
        </dd>
      </div>
    </dl>
  );
}

function showRate(rate: number): string {
  if (rate >= 1e6) return `${(rate / 1e6).toFixed(1)} M`;
  return rate >= 1e3 ? `${(rate / 1e3).toFixed(0)} k` : rate.toFixed(0);
}
