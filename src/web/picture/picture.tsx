// The live picture of a cache: portions of each group above the ways, and below them whose every line is.

import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import type { CacheView, LineView } from "../engine/protocol.ts";
import type { FrameLoop } from "../frame-loop.ts";
import { isDark, isStill } from "../media.ts";
import { paletteFor, pixelsOf } from "../palette.ts";
import { maskOf, nameOf, type PageState } from "../state.ts";
import { MaskRow } from "./mask-row.tsx";
import { Painter, type Spot } from "./painter.ts";
import { CLOSE_ROWS, describeRows, requestFor, type SetsView, setOfRow } from "./view.ts";

/** The cursor's line is asked for so often while traces run. */
const LINE_MS = 150;

interface Props {
  readonly page: PageState;
  readonly loop: FrameLoop;
}

export function Picture({ page, loop }: Props) {
  const cache = page.shownCache.value;
  const [view, setView] = useState<SetsView>({ isClose: false, first: 0 });
  if (!cache) return <section class="card picture" aria-label="The cache" />;
  return (
    <section class="card picture" aria-labelledby="picture-title">
      <Head page={page} cache={cache} view={view} setView={setView} />
      <Masks page={page} cache={cache} />
      <Field page={page} loop={loop} cache={cache} view={view} />
    </section>
  );
}

interface HeadProps {
  readonly page: PageState;
  readonly cache: CacheView;
  readonly view: SetsView;
  setView(view: SetsView): void;
}

function Head({ page, cache, view, setView }: HeadProps) {
  const caches = page.booted.value?.caches ?? [];
  const most = Math.max(0, cache.sets - CLOSE_ROWS);
  return (
    <header class="card-head">
      <h2 id="picture-title">Whose lines are in the cache</h2>
      <div class="tools">
        <label>
          Cache{" "}
          <select
            value={page.cache.value}
            onChange={(event) => {
              page.slice.value = 0;
              page.cache.value = Number(event.currentTarget.value);
            }}
          >
            {caches.map(({ name }, i) => (
              <option key={name} value={i}>
                {name}
              </option>
            ))}
          </select>
        </label>
        {cache.slices > 1 && (
          <label>
            Slice{" "}
            <select
              value={page.slice.value}
              onChange={(event) => {
                page.slice.value = Number(event.currentTarget.value);
              }}
            >
              {Array.from({ length: cache.slices }, (_, i) => (
                <option key={i} value={i}>
                  {i}
                </option>
              ))}
            </select>
          </label>
        )}
        {most > 0 && (
          <label class="check">
            <input
              type="checkbox"
              checked={view.isClose}
              onChange={(event) => setView({ ...view, isClose: event.currentTarget.checked })}
            />{" "}
            Close up
          </label>
        )}
        {view.isClose && most > 0 && (
          <label>
            from set{" "}
            <input
              type="range"
              min={0}
              max={most}
              value={view.first}
              onInput={(event) => setView({ ...view, first: Number(event.currentTarget.value) })}
            />
          </label>
        )}
      </div>
    </header>
  );
}

function Masks({ page, cache }: { readonly page: PageState; readonly cache: CacheView }) {
  const rows = page.groups.value.flatMap((group) => {
    const mask = maskOf(group, cache);
    return mask ? [<MaskRow key={group.path} page={page} group={group} cache={cache} {...mask} />] : [];
  });
  if (rows.length === 0) {
    return <p class="hint">resctrl has no portions to give for {cache.name}: everybody may fill all of it.</p>;
  }
  return (
    <div class="masks">
      <p class="hint" id="mask-hint">
        Portions each group may fill: drag over them, or use arrow keys and space. Portion 0 is on the left, above way
        0.
      </p>
      {rows}
    </div>
  );
}

interface FieldProps extends Props {
  readonly cache: CacheView;
  readonly view: SetsView;
}

function Field({ page, loop, cache, view }: FieldProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const [spot, setSpot] = useState<Spot | undefined>(undefined);
  const [line, setLine] = useState<LineView | undefined>(undefined);
  const [spoken, setSpoken] = useState("");
  const request = requestFor(cache, page.cache.value, page.slice.value, view);
  const palette = paletteFor(isDark.value);
  const pixels = useMemo(() => pixelsOf(palette), [palette]);
  const gap = palette.empty;
  const now = useRef({ request, pixels, gap, spot });
  now.current = { request, pixels, gap, spot };
  const painter = useRef<Painter | undefined>(undefined);

  useEffect(() => {
    painter.current = new Painter(canvas.current as HTMLCanvasElement);
    return loop.show({
      request: () => now.current.request,
      draw: (frame, request) => {
        const { pixels, gap, spot } = now.current;
        painter.current?.draw(frame, request, pixels, gap, !isStill.value, spot);
      },
    });
  }, [loop]);

  const at = spot && { set: setOfRow(request, spot.row), way: spot.way };
  const asked = at && `${at.set} ${at.way} ${page.cache.value} ${page.slice.value}`;
  useEffect(() => {
    if (!at || !asked) return;
    painter.current?.redraw(pixels, gap, spot);
    let isOver = false;
    const look = async () => {
      const line = await page.engine.line(request, at.set, at.way).catch(() => undefined);
      if (!isOver) setLine(line);
      return tell(line);
    };
    // Spoken once for each move, however often the line changes meanwhile.
    void look().then((told) => isOver || setSpoken(told));
    const timer = setInterval(look, LINE_MS);
    return () => {
      isOver = true;
      clearInterval(timer);
    };
  }, [asked]);

  const spotAt = (event: PointerEvent): Spot => {
    const { left, top, width, height } = (canvas.current as HTMLCanvasElement).getBoundingClientRect();
    const part = (at: number, size: number, many: number) =>
      Math.max(0, Math.min(many - 1, Math.floor((at / size) * many)));
    return {
      row: part(event.clientY - top, height, request.count),
      way: part(event.clientX - left, width, cache.ways),
    };
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const { row, way } = spot ?? { row: 0, way: 0 };
    const page = Math.max(1, Math.floor(request.count / 8));
    const moves: Record<string, Spot> = {
      ArrowLeft: { row, way: way - 1 },
      ArrowRight: { row, way: way + 1 },
      ArrowUp: { row: row - 1, way },
      ArrowDown: { row: row + 1, way },
      PageUp: { row: row - page, way },
      PageDown: { row: row + page, way },
      Home: { row: 0, way },
      End: { row: request.count - 1, way },
    };
    const move = moves[event.key];
    if (event.key === "Escape") setSpot(undefined);
    if (!move) return;
    event.preventDefault();
    setSpot({
      row: Math.max(0, Math.min(request.count - 1, move.row)),
      way: Math.max(0, Math.min(cache.ways - 1, move.way)),
    });
  };

  const rows = describeRows(request, cache.sets);
  return (
    <>
      <div class="field">
        <div class="axis" aria-hidden="true">
          <span>set {request.first}</span>
          <span>set {setOfRow(request, request.count - 1)}</span>
        </div>
        <div
          class="screen"
          role="application"
          // biome-ignore lint/a11y/noNoninteractiveTabindex: a cursor moves in it by keys.
          tabIndex={0}
          aria-label={`Lines of ${cache.name}: ${rows}, ${cache.ways} ways. Arrow keys move from line to line.`}
          onKeyDown={onKeyDown}
          onFocus={() => spot ?? setSpot({ row: 0, way: 0 })}
          onBlur={() => setSpot(undefined)}
          onPointerMove={(event) => setSpot(spotAt(event))}
          onPointerLeave={() => setSpot(undefined)}
        >
          <canvas ref={canvas} style={{ "--rows": request.count }} />
        </div>
        <div class="axis right" aria-hidden="true">
          <span>way 0 to {cache.ways - 1}</span>
          <span>{rows}</span>
        </div>
      </div>
      <p class="unseen" role="status">
        {spoken}
      </p>
      <p class="told">
        {spot
          ? tell(line)
          : "Columns are ways, rows are sets. Darker lines are dirty, paler ones have just changed hands. Point at one to see its label and address, or use the arrow keys here."}
      </p>
    </>
  );
}

function tell(line: LineView | undefined): string {
  if (!line) return "";
  const where = `Set ${line.set}, way ${line.way}`;
  if (line.address === undefined) return `${where}: empty`;
  const label = `PARTID ${line.partid}, PMG ${line.pmg}, ${line.space === "ns" ? "Non-secure" : line.space}`;
  const group = line.group === undefined ? "" : nameOf(line.group);
  return `${where}: ${group} (${label}), line at 0x${line.address.toString(16)}${line.dirty ? ", dirty" : ""}`;
}
