// A register that has been opened: its value, its bits, and a table of its fields.

import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import type { AccessKind, FieldsMeaning } from "../../../meaning/index.ts";
import { BitRows } from "./bit-rows.tsx";
import { FieldEditor, NumberInput } from "./field-editor.tsx";
import { type Field, placeOf } from "./fields.ts";
import { fieldOf, showHex, withField } from "./numbers.ts";

interface Props {
  readonly name: string;
  /** Where it is: "offset 0x100". */
  readonly place: string;
  readonly access: AccessKind;
  readonly meaning: FieldsMeaning;
  readonly fields: readonly Field[];
  readonly width: 32 | 64;
  /** Undefined: it is hidden, for the reason given, or only written. */
  readonly value: bigint | undefined;
  readonly hidden?: string | undefined;
  /** What a value of a field comes to, beside the number. */
  readonly note?: (field: string, value: bigint) => string | undefined;
  readonly children?: ComponentChildren;
  readonly write: (value: bigint) => void;
}

const ACCESS = { RO: "read only", RW: "read and write", WO: "write only" } as const;

export function RegisterCard({
  note,
  name,
  place,
  access,
  meaning,
  fields,
  width,
  value,
  hidden,
  children,
  write,
}: Props) {
  const [hot, point] = useState<string>();
  // What is only written is put together first, and written by a button.
  const [draft, setDraft] = useState(0n);
  const writesOnly = access === "WO";
  const shown = writesOnly ? draft : (value ?? 0n);
  const change = (next: bigint) => (writesOnly ? setDraft(next) : write(next));
  const isFixed = ({ name: field }: Field) => access === "RO" || (meaning.fixed?.includes(field) ?? false);
  return (
    <section class="register" aria-labelledby={`register-${name}`}>
      <h3 id={`register-${name}`} class="register-title">
        {name}
      </h3>
      <p class="register-meaning">{meaning.meaning}</p>
      <p class="hint">
        {place}, {width} bits, {ACCESS[access]}
      </p>
      {children}
      {hidden !== undefined ? (
        <p class="register-hidden">Nothing to see here now: {hidden}.</p>
      ) : (
        <>
          <div class="register-value">
            {access === "RO" ? (
              <output aria-label="Value">{showHex(shown, width)}</output>
            ) : (
              <span class={width === 64 ? "wide" : ""}>
                <NumberInput
                  label={`Value of ${name}`}
                  shown={showHex(shown, width)}
                  max={(1n << BigInt(width)) - 1n}
                  write={change}
                />
              </span>
            )}
            <span class="hint">{shown.toLocaleString("en")}</span>
            {writesOnly && (
              <button type="button" class="accent" onClick={() => write(draft)}>
                Write
              </button>
            )}
          </div>
          <BitRows
            fields={fields}
            width={width}
            value={shown}
            hot={hot}
            point={point}
            isFixed={isFixed}
            toggle={(_, bit) => change(shown ^ (1n << BigInt(bit)))}
          />
          <table class="fields">
            <caption class="unseen">Fields of {name}</caption>
            <thead>
              <tr>
                <th scope="col">Field</th>
                <th scope="col">Bits</th>
                <th scope="col">Value</th>
                <th scope="col">Meaning</th>
              </tr>
            </thead>
            <tbody>
              {fields.map((field) => (
                <tr
                  key={field.name}
                  class={field.name === hot ? "hot" : ""}
                  onMouseEnter={() => point(field.name)}
                  onMouseLeave={() => point(undefined)}
                  onFocusCapture={() => point(field.name)}
                >
                  <th scope="row">{field.name}</th>
                  <td class="bits-place">{placeOf(field)}</td>
                  <td>
                    <FieldEditor
                      meaning={meaning}
                      field={field}
                      value={fieldOf(field.mask, shown)}
                      isFixed={isFixed(field)}
                      write={(next) => change(withField(shown, field.mask, next))}
                    />
                    <span class="hint"> {note?.(field.name, fieldOf(field.mask, shown))}</span>
                  </td>
                  <td>{meaning.fields[field.name]}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </>
      )}
    </section>
  );
}
