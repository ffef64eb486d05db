// The portions a group may fill, as a row of cells above the ways they stand for: dragged over, or set with keys.

import { useRef, useState } from "preact/hooks";
import type { CacheView, GroupView, SchemataLine } from "../engine/protocol.ts";
import { isDark } from "../media.ts";
import { colourIn, paletteFor } from "../palette.ts";
import { nameOf, type PageState } from "../state.ts";

interface Props {
  readonly page: PageState;
  readonly group: GroupView;
  readonly cache: CacheView;
  readonly line: SchemataLine;
  /** Hex, as in the schemata. */
  readonly value: string;
}

const has = (mask: bigint, bit: number) => ((mask >> BigInt(bit)) & 1n) === 1n;
const withBit = (mask: bigint, bit: number, on: boolean) =>
  on ? mask | (1n << BigInt(bit)) : mask & ~(1n << BigInt(bit));

export function MaskRow({ page, group, cache, line, value }: Props) {
  const { bits } = line;
  const written = BigInt(`0x${value || 0}`);
  const [drag, setDrag] = useState<{ readonly on: boolean; readonly mask: bigint } | undefined>(undefined);
  const [active, setActive] = useState(0);
  const cells = useRef<HTMLFieldSetElement>(null);
  const last = useRef(-1);
  const write = useWriter((mask) => page.writeSchemata(group, line, cache.id, mask.toString(16)));
  const mask = drag?.mask ?? written;
  const name = nameOf(group.path);

  const bitAt = (x: number) => {
    const { left, width } = (cells.current as HTMLFieldSetElement).getBoundingClientRect();
    return Math.max(0, Math.min(bits - 1, Math.floor(((x - left) / width) * bits)));
  };
  const paint = (to: number, on: boolean, from: bigint) => {
    let next = from;
    const began = last.current < 0 ? to : last.current;
    for (let bit = Math.min(began, to); bit <= Math.max(began, to); bit++) next = withBit(next, bit, on);
    last.current = to;
    setDrag({ on, mask: next });
    // Nobody may have no portion at all: while one is dragged over, that is not written.
    if (next !== 0n && next !== from) write(next);
  };
  const focusOn = (bit: number) => {
    setActive(bit);
    (cells.current?.children[bit] as HTMLElement | undefined)?.focus();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const steps: Record<string, number> = { ArrowRight: active + 1, ArrowLeft: active - 1, Home: 0, End: bits - 1 };
    const to = steps[event.key];
    if (to !== undefined) {
      const bit = Math.max(0, Math.min(bits - 1, to));
      // With shift, the cell that is left makes the next one like itself.
      if (event.shiftKey) write(withBit(written, bit, has(written, active)));
      focusOn(bit);
    } else if (event.key === " " || event.key === "Enter") {
      write(withBit(written, active, !has(written, active)));
    } else return;
    event.preventDefault();
  };
  const end = () => {
    if (drag?.mask === 0n) write(0n);
    last.current = -1;
    setDrag(undefined);
  };
  const colour = colourIn(paletteFor(isDark.value), group.colour);

  return (
    <div class="mask-row" data-group={group.path} style={{ "--group": colour }}>
      <span class="mask-name">
        <i class="swatch" />
        {name}
      </span>
      <fieldset
        ref={cells}
        class="cells"
        aria-label={`Portions of ${cache.name} that ${name} may fill`}
        onKeyDown={onKeyDown}
        onPointerDown={(event) => {
          if (event.button !== 0) return;
          const bit = bitAt(event.clientX);
          (event.currentTarget as HTMLElement).setPointerCapture(event.pointerId);
          focusOn(bit);
          paint(bit, !has(written, bit), written);
          event.preventDefault();
        }}
        onPointerMove={(event) => {
          if (drag) paint(bitAt(event.clientX), drag.on, drag.mask);
        }}
        onPointerUp={end}
        onPointerCancel={end}
      >
        {Array.from({ length: bits }, (_, bit) => (
          <input
            key={bit}
            type="checkbox"
            class="cell"
            tabIndex={bit === active ? 0 : -1}
            checked={has(mask, bit)}
            aria-label={`portion ${bit}`}
            onFocus={() => setActive(bit)}
            // Pointers and keys are heard by the row.
            onClick={(event) => event.preventDefault()}
          />
        ))}
      </fieldset>
      <MaskText page={page} group={group} line={line} cache={cache} value={drag ? mask.toString(16) : value} />
    </div>
  );
}

/** The same as the line that says it, to be typed over. */
function MaskText({ page, group, line, cache, value }: Props) {
  const input = useRef<HTMLInputElement>(null);
  return (
    <form
      class="mask-text"
      onSubmit={(event) => {
        event.preventDefault();
        void page.writeSchemata(group, line, cache.id, input.current?.value.trim() ?? "").then((taken) => {
          if (!taken && input.current) input.current.value = value;
        });
      }}
    >
      <code>
        {line.resource}:{cache.id}=
      </code>
      <input
        ref={input}
        value={value}
        size={Math.max(2, Math.ceil(line.bits / 4))}
        spellcheck={false}
        autocomplete="off"
        aria-label={`Bitmap of ${nameOf(group.path)} in hex`}
      />
    </form>
  );
}

/** Writes one value after the other, and of those that wait only the last. */
function useWriter(write: (mask: bigint) => Promise<unknown>): (mask: bigint) => void {
  const state = useRef<{ busy: boolean; next?: bigint | undefined }>({ busy: false });
  const latest = useRef(write);
  latest.current = write;
  return (mask) => {
    const run = async () => {
      const { current } = state;
      current.busy = true;
      while (current.next !== undefined) {
        const { next } = current;
        current.next = undefined;
        await latest.current(next);
      }
      current.busy = false;
    };
    state.current.next = mask;
    if (!state.current.busy) void run();
  };
}
