// One chart over model time: lines of groups in their colours, stacked or not, with limits as dashes.

import { useEffect, useRef } from "preact/hooks";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { isDark } from "../media.ts";
import { colourIn, paletteFor } from "../palette.ts";
import { showTime } from "../units.ts";

export interface Line {
  readonly name: string;
  readonly colour: number;
  readonly values: Float64Array;
  readonly dashed?: boolean;
}

interface Props {
  readonly title: string;
  /** What is seen, in a sentence. */
  readonly about: string;
  readonly time: Float64Array;
  readonly lines: readonly Line[];
  readonly stacked?: boolean;
  /** Upper end of the scale where it is known; and what it is while there is nothing to show. */
  readonly most?: number;
  readonly otherwise?: number;
  show(value: number): string;
}

const HEIGHT = 150;

export function Chart(props: Props) {
  const { title, about, time, lines, stacked = false } = props;
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | undefined>(undefined);
  const latest = useRef(props);
  latest.current = props;
  const shape = `${lines.map(({ name, colour, dashed }) => `${name} ${colour} ${dashed}`).join("|")} ${isDark.value} ${title}`;

  useEffect(() => {
    const box = place.current as HTMLDivElement;
    const made = new uPlot(optionsOf(latest.current, box.clientWidth), dataOf(latest.current), box);
    plot.current = made;
    const sizes = new ResizeObserver(() => {
      if (box.clientWidth > 0 && box.clientWidth !== made.width)
        made.setSize({ width: box.clientWidth, height: HEIGHT });
    });
    sizes.observe(box);
    return () => {
      sizes.disconnect();
      made.destroy();
    };
  }, [shape]);

  useEffect(() => {
    plot.current?.setData(dataOf(latest.current));
  }, [time, stacked]);

  return (
    <figure class="chart">
      <figcaption>
        <strong>{title}</strong> <span>{about}</span>
      </figcaption>
      <div ref={place} class="plot" aria-hidden="true" />
    </figure>
  );
}

/** NaN would be a point; null is a hole. */
function holes(values: Float64Array): (number | null)[] {
  return Array.from(values, (value) => (Number.isNaN(value) ? null : value));
}

/** uPlot draws the first series below the others: of a stack the highest sum comes first. */
function dataOf({ time, lines, stacked = false }: Props): uPlot.AlignedData {
  if (!stacked) return [Array.from(time), ...lines.map(({ values }) => holes(values))];
  const sum = new Float64Array(time.length);
  const sums = lines.map(({ values }) => {
    for (const [i, value] of values.entries()) sum[i] = (sum[i] as number) + (Number.isNaN(value) ? 0 : value);
    return Array.from(sum);
  });
  return [Array.from(time), ...sums.reverse()];
}

function optionsOf({ lines, stacked = false, most, otherwise = 1, show }: Props, width: number): uPlot.Options {
  const palette = paletteFor(isDark.value);
  const style = getComputedStyle(document.documentElement);
  const ink = style.getPropertyValue("--soft").trim();
  const grid = { stroke: style.getPropertyValue("--rule").trim(), width: 1 };
  const font = "12px system-ui, sans-serif";
  const drawn = stacked ? [...lines].reverse() : lines;
  return {
    width,
    height: HEIGHT,
    legend: { show: false },
    cursor: { y: false, points: { size: 6 } },
    plugins: [tooltip(drawn, stacked, show)],
    scales: {
      x: { time: false },
      y: { range: (_, __, max) => [0, most ?? (max > 0 ? max * 1.08 : otherwise)] },
    },
    axes: [
      {
        stroke: ink,
        font,
        grid: { show: false },
        ticks: { show: false },
        size: 26,
        space: 72,
        values: (_, at) => at.map(roundTime),
      },
      { stroke: ink, font, grid, ticks: { show: false }, size: 66, splits: fourOf, values: (_, at) => at.map(show) },
    ],
    series: [
      {},
      ...drawn.map(({ name, colour, dashed = false }): uPlot.Series => {
        const stroke = colourIn(palette, colour);
        return {
          label: name,
          stroke,
          width: dashed ? 1.5 : stacked ? 1 : 2,
          ...(dashed ? { dash: [6, 5] } : {}),
          ...(stacked ? { fill: stroke } : {}),
          points: { show: false },
        };
      }),
    ],
  };
}

/** Times of an axis are round: zeros behind the point say nothing. */
function roundTime(ns: number): string {
  return showTime(ns).replace(/\.0+(?= )|(?<=\.[0-9]*[1-9])0+(?= )/, "");
}

/** Where the lines of the scale are. */
function fourOf(_: uPlot, __: number, min: number, max: number): number[] {
  return [0, 1, 2, 3, 4].map((i) => min + ((max - min) * i) / 4);
}

/** Values under the pointer, beside it. */
function tooltip(lines: readonly Line[], stacked: boolean, show: (value: number) => string): uPlot.Plugin {
  const box = document.createElement("div");
  box.className = "tooltip";
  return {
    hooks: {
      init: (plot) => {
        plot.over.append(box);
      },
      setCursor: (plot) => {
        const { idx, left = 0 } = plot.cursor;
        box.hidden = idx == null || left < 0;
        if (idx == null) return;
        const at = (i: number) => plot.data[i + 1]?.[idx];
        const rows = lines.flatMap(({ name }, i) => {
          const [here, below] = [at(i), stacked && i + 1 < lines.length ? at(i + 1) : 0];
          return here == null ? [] : [`${name}: ${show(here - (below ?? 0))}`];
        });
        box.textContent = [showTime(plot.data[0][idx] ?? 0), ...rows].join("\n");
        box.style.left = `${left > plot.over.clientWidth / 2 ? left - box.offsetWidth - 10 : left + 10}px`;
      },
    },
  };
}
