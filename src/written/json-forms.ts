// How numbers, sizes, rates and cpus look in JSON Schema, for editors: what quantity.ts reads. The range of a number that is
// written as text is not in them.

export type JsonForm = { readonly [keyword: string]: unknown };

const NUMBER = "0[xX][0-9a-fA-F]+(_[0-9a-fA-F]+)*|[0-9]+(_[0-9]+)*";
const SIZE = "[0-9]+([.][0-9]+)?\\s*(B|[KMGT]iB|[kKMGT]B)";

const range = (min: number, max: number) => ({ type: "integer", minimum: min, maximum: max });
const text = (pattern: string) => ({ type: "string", pattern: `^(${pattern})$` });

export function numberForm(min: number, max: number): JsonForm {
  return { anyOf: [range(min, max), text(NUMBER)] };
}

export function sizeForm(min: number, max: number): JsonForm {
  return { title: "size", anyOf: [range(min, max), text(`${NUMBER}|\\s*${SIZE}\\s*`)] };
}

export function rateForm(min: number, max: number): JsonForm {
  return { title: "rate", anyOf: [range(min, max), text(`(${NUMBER}|\\s*${SIZE})\\s*(/\\s*s)?`)] };
}

export function choiceForm(...choices: readonly (string | number | boolean)[]): JsonForm {
  return { enum: choices };
}

const CPU = numberForm(0, 65_535);

export function cpusForm(fewest: 0 | 1): JsonForm {
  const ranges = "\\s*[0-9]+(\\s*-\\s*[0-9]+)?\\s*";
  return {
    title: fewest === 0 ? "cpus or []" : "cpus",
    anyOf: [range(0, 65_535), text(`${ranges}(,${ranges})*`), { type: "array", items: CPU, minItems: fewest }],
  };
}
