/** A failure as lines that can be pasted into a test, and what each subject said. */
import type { SubjectConfig } from "../helpers/subject.ts";
import type { Operation } from "./operations.ts";
import { registerAt } from "./registers.ts";
import type { Answer, Contestant } from "./trial.ts";

export function hex(value: number | bigint): string {
  const digits = value.toString(16);
  const padded = digits.padStart(Math.ceil(digits.length / 4) * 4, "0");
  return value < 10 ? String(value) : `0x${padded.replace(/\B(?=(.{4})+$)/g, "_")}`;
}

/** A value as TypeScript writes it. */
export function literal(value: unknown): string {
  if (typeof value === "bigint") return `${hex(value)}n`;
  if (typeof value === "number") return value > 0xffff ? hex(value) : String(value);
  if (Array.isArray(value)) return `[${value.map(literal).join(", ")}]`;
  if (typeof value === "object" && value !== null) {
    const entries = Object.entries(value).map(([key, one]) => `${key}: ${literal(one)}`);
    return entries.length === 0 ? "{}" : `{ ${entries.join(", ")} }`;
  }
  return value === undefined ? "undefined" : JSON.stringify(value);
}

export function place(offset: number): string {
  const found = registerAt(offset);
  if (found === undefined) return hex(offset);
  const { register, into } = found;
  if (into === 0) return register.name;
  return register.count === undefined ? `${register.name} + ${into}` : `${register.name} + 4 * ${into / 4}`;
}

/** Non-secure is the default. */
function bank(space: string): string {
  return space === "ns" ? "" : `, "${space}"`;
}

function call(operation: Operation): string {
  switch (operation.do) {
    case "read32":
    case "read64":
      return `subject.${operation.do}(${place(operation.offset)}${bank(operation.space)})`;
    case "write32":
      return `subject.write32(${place(operation.offset)}, ${hex(operation.value)}${bank(operation.space)})`;
    case "write64":
      return `subject.write64(${place(operation.offset)}, ${hex(operation.value)}n${bank(operation.space)})`;
    case "label":
      return `subject.setLabel(${operation.requester}, ${literal(operation.op)}, ${literal(operation.label)})`;
    case "run":
      return `subject.run(${literal(operation.records)})`;
    case "capture":
      return `subject.capture(${operation.event})`;
    case "advance":
      return `subject.advance(${operation.ns})`;
    default:
      return `subject.${operation.do}()`;
  }
}

function thrownText(thrown: unknown): string {
  return (thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : String(thrown)).split("\n").join(" ");
}

/** What one said, on one line. */
export function said(answer: Answer, last: number): string {
  if ("answer" in answer) {
    if (last < 0) return "is made";
    return typeof answer.answer === "number" ? hex(answer.answer) : literal(answer.answer);
  }
  const { thrown, operation } = answer;
  const when = operation < 0 ? "is not made" : operation === last ? "throws" : `throws at line ${operation + 1}`;
  return `${when}: ${thrownText(thrown)}`;
}

function configLines(config: SubjectConfig): string[] {
  const entries = Object.entries(config).flatMap(([key, value]) => {
    if (key !== "ris") return [`  ${key}: ${literal(value)},`];
    return ["  ris: [", ...config.ris.map((one) => `    ${literal(one)},`), "  ],"];
  });
  return ["const config: SubjectConfig = {", ...entries, "};"];
}

export function script(
  config: SubjectConfig,
  operations: readonly Operation[],
  contestants: readonly Contestant[],
  answers: readonly Answer[],
): string[] {
  const used = new Map<string, number>();
  for (const operation of operations) {
    const found = "offset" in operation ? registerAt(operation.offset) : undefined;
    if (found) used.set(found.register.name, found.register.offset);
  }
  const lines = [
    ...[...used].sort((a, b) => a[1] - b[1]).map(([name, offset]) => `const ${name} = ${hex(offset)};`),
    ...configLines(config),
    "const subject = await create(config);",
  ];
  const last = operations.length - 1;
  operations.forEach((operation, i) => {
    const first = answers[0];
    if (i < last || !first || !("answer" in first) || first.answer === undefined) lines.push(`${call(operation)};`);
    else lines.push(`expect(${call(operation)}).toEqual(${said(first, last)});`);
  });
  contestants.forEach(({ name }, i) => {
    lines.push(`// ${name}: ${said(answers[i] as Answer, last)}`);
  });
  return lines;
}
