// What groups do over model time: who holds the cache, who finds lines there, who moves how much; and the same as a table.

import type { GroupSeries } from "../engine/protocol.ts";
import { isDark } from "../media.ts";
import { colourIn, paletteFor } from "../palette.ts";
import { nameOf, type PageState } from "../state.ts";
import { showBandwidth, showBytes, showShare } from "../units.ts";
import { Chart } from "./chart.tsx";

export function Charts({ page }: { readonly page: PageState }) {
  const series = page.series.value;
  const booted = page.booted.value;
  const there = new Set(page.groups.value.map(({ path }) => path));
  const groups = (series?.groups ?? []).filter(({ path }) => there.has(path));
  const time = series?.time ?? new Float64Array(0);
  const last = Math.max(0, ...(booted?.caches ?? []).map(({ level }) => level));
  const bytes = (booted?.caches ?? []).filter(({ level }) => level === last).reduce((sum, one) => sum + one.bytes, 0);
  const peak = booted?.memoryBytesPerSecond ?? 0;
  const lineOf = (values: (group: GroupSeries) => Float64Array) =>
    groups.map((group) => ({ name: nameOf(group.path), colour: group.colour, values: values(group) }));
  const limits = groups.flatMap((group) => {
    const isLimited = group.limit.some((limit) => limit < peak);
    return isLimited
      ? [{ name: `limit of ${nameOf(group.path)}`, colour: group.colour, values: group.limit, dashed: true }]
      : [];
  });
  return (
    <section class="card charts" aria-labelledby="charts-title">
      <header class="card-head">
        <h2 id="charts-title">Over time</h2>
      </header>
      <Now groups={groups} page={page} />
      <Chart
        title={`Held in L${last}`}
        about="whose lines fill the cache"
        time={time}
        lines={lineOf(({ bytesHeld }) => bytesHeld)}
        stacked
        most={bytes}
        show={showBytes}
      />
      <Chart
        title={`Hits in L${last}`}
        about="of the requests that come to it"
        time={time}
        lines={lineOf(({ hitRate }) => hitRate)}
        most={1}
        show={showShare}
      />
      <Chart
        title="To and from memory"
        about={limits.length > 0 ? "dashed: limits" : `at most ${showBandwidth(peak)}`}
        time={time}
        lines={[...lineOf(({ bytesPerSecond }) => bytesPerSecond), ...limits]}
        otherwise={peak}
        show={showBandwidth}
      />
    </section>
  );
}

/** The newest sample as a table: legend of the charts, and all that a screen reader needs of them. */
function Now({ groups, page }: { readonly groups: readonly GroupSeries[]; readonly page: PageState }) {
  const palette = paletteFor(isDark.value);
  const last = (values: Float64Array) => values.at(-1) ?? Number.NaN;
  const lines = page.latest.value?.lines;
  return (
    <table class="now">
      <caption class="unseen">What each group has and does now</caption>
      <thead>
        <tr>
          <th scope="col">Group</th>
          <th scope="col">Holds</th>
          <th scope="col">Hits</th>
          <th scope="col">Memory</th>
          <th scope="col">Latency</th>
        </tr>
      </thead>
      <tbody>
        {groups.map((group) => {
          const [bandwidth, latency] = [last(group.bytesPerSecond), last(group.latencyNs)];
          return (
            <tr key={group.path} data-group={group.path}>
              <th scope="row">
                <i class="swatch" style={{ "--group": colourIn(palette, group.colour) }} />
                {nameOf(group.path)}
              </th>
              <td data-figure="lines" data-value={lines?.[group.colour] ?? 0}>
                {showBytes(last(group.bytesHeld) || 0)}
              </td>
              <td data-figure="hits" data-value={last(group.hitRate)}>
                {showShare(last(group.hitRate))}
              </td>
              <td data-figure="bandwidth" data-value={bandwidth}>
                {Number.isNaN(bandwidth) ? "–" : showBandwidth(bandwidth)}
              </td>
              <td>{Number.isNaN(latency) ? "–" : `${latency.toFixed(0)} ns`}</td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}
