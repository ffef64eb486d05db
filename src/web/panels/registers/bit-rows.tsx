// The bits of a register in a row, its fields as named blocks. A picture: what it says and does, the table of fields does too.

import { type Field, stretchesOf } from "./fields.ts";

interface Props {
  readonly fields: readonly Field[];
  readonly width: 32 | 64;
  readonly value: bigint;
  /** The field under the pointer or with the focus. */
  readonly hot: string | undefined;
  readonly point: (name: string | undefined) => void;
  /** Of a bit that may be changed. */
  readonly toggle: (field: Field, bit: number) => void;
  readonly isFixed: (field: Field) => boolean;
}

export function BitRows(props: Props) {
  const rows = props.width === 64 ? [63, 31] : [31];
  return (
    <div class="bit-rows" aria-hidden="true" onMouseLeave={() => props.point(undefined)}>
      {rows.map((high) => (
        <BitRow key={high} high={high} {...props} />
      ))}
    </div>
  );
}

/** Names of so few bits are written downwards. */
const NARROW = 4;

function BitRow({ high, fields, value, hot, point, toggle, isFixed }: Props & { readonly high: number }) {
  return (
    <div class="bit-row">
      {stretchesOf(fields, high).map(({ field, bits }) => {
        const [first = 0] = bits;
        const fixed = !field || isFixed(field);
        const classes = ["stretch", field ? "named" : "none", field && field.name === hot ? "hot" : ""];
        return (
          // biome-ignore lint/a11y/noStaticElementInteractions: a picture for the pointer; the table beside it is for everybody
          <div
            key={first}
            class={classes.join(" ")}
            style={{ gridColumn: `span ${bits.length}` }}
            title={field?.name ?? "reserved"}
            onMouseEnter={() => point(field?.name)}
          >
            <div class={bits.length < NARROW ? "stretch-name narrow" : "stretch-name"}>{field?.name}</div>
            <div class="stretch-bits">
              {bits.map((bit) => (
                // biome-ignore lint/a11y/noStaticElementInteractions: as above
                // biome-ignore lint/a11y/useKeyWithClickEvents: as above
                <div
                  key={bit}
                  class={`bit${(value >> BigInt(bit)) & 1n ? " one" : ""}${fixed ? "" : " free"}`}
                  onClick={() => field && !fixed && toggle(field, bit)}
                >
                  <i>{bit}</i>
                  <b>{field ? String((value >> BigInt(bit)) & 1n) : ""}</b>
                </div>
              ))}
            </div>
          </div>
        );
      })}
    </div>
  );
}
