// One field of a register: shown in words where it has them, changed by a box, a list or a number.

import { useState } from "preact/hooks";
import { type FieldsMeaning, wordsFor } from "../../../meaning/index.ts";
import type { Field } from "./fields.ts";
import { readNumber, showField } from "./numbers.ts";

interface Props {
  readonly meaning: FieldsMeaning;
  readonly field: Field;
  readonly value: bigint;
  readonly isFixed: boolean;
  readonly write: (value: bigint) => void;
}

export function FieldEditor({ meaning, field, value, isFixed, write }: Props) {
  const words = wordsFor(meaning, field.name);
  const word = words?.get(Number(value));
  if (isFixed) {
    return (
      <output class="field-value">
        {showField(value, field.bits)}
        {word !== undefined && <span> {word}</span>}
      </output>
    );
  }
  if (field.bits === 1) {
    return (
      <label class="field-value">
        <input
          type="checkbox"
          aria-label={field.name}
          checked={value === 1n}
          onChange={(event) => write(event.currentTarget.checked ? 1n : 0n)}
        />{" "}
        {word ?? (value === 1n ? "1" : "0")}
      </label>
    );
  }
  if (words && field.bits <= 4) {
    return (
      <select
        aria-label={field.name}
        value={String(value)}
        onChange={(event) => write(BigInt(event.currentTarget.value))}
      >
        {Array.from({ length: 2 ** field.bits }, (_, n) => (
          <option key={n} value={String(n)}>
            {`${n} ${words.get(n) ?? "reserved"}`}
          </option>
        ))}
      </select>
    );
  }
  const max = (1n << BigInt(field.bits)) - 1n;
  return <NumberInput label={field.name} shown={showField(value, field.bits)} max={max} write={write} />;
}

interface NumberProps {
  readonly label: string;
  readonly shown: string;
  readonly max: bigint;
  readonly write: (value: bigint) => void;
}

/** Decimal or hexadecimal, taken with Enter or when it is left; Escape gives up. */
export function NumberInput({ label, shown, max, write }: NumberProps) {
  // While somebody types, what the machine does meanwhile does not show here.
  const [typed, setTyped] = useState<string>();
  const value = typed === undefined ? undefined : readNumber(typed, max);
  const isWrong = typed !== undefined && value === undefined;
  const take = () => {
    if (value === undefined || typed === shown) return;
    setTyped(undefined);
    write(value);
  };
  return (
    <input
      class="number"
      type="text"
      inputMode="text"
      spellcheck={false}
      autocomplete="off"
      aria-label={label}
      aria-invalid={isWrong}
      title={isWrong ? `A number up to 0x${max.toString(16)}, decimal or 0x hexadecimal` : undefined}
      value={typed ?? shown}
      onInput={(event) => setTyped(event.currentTarget.value)}
      onKeyDown={(event) => {
        if (event.key === "Enter") take();
        if (event.key === "Escape") setTyped(undefined);
      }}
      onBlur={() => {
        take();
        setTyped(undefined);
      }}
    />
  );
}
