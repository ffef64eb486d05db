/** What is done to a memory system, as data: so that it can be drawn again, made short and printed. */
import type { MemoryRecord, MemorySubject } from "../../helpers/memory-subject.ts";
import type { Space, SubjectLabel } from "../../helpers/subject.ts";
import { hex, literal, place } from "../script.ts";

export type MemoryOperation =
  | {
      readonly do: "write";
      readonly msc: number;
      readonly offset: number;
      readonly value: number;
      readonly space: Space;
    }
  | { readonly do: "label"; readonly requester: number; readonly op: number | "all"; readonly label: SubjectLabel }
  | { readonly do: "edge" }
  | { readonly do: "advance"; readonly ns: number }
  | { readonly do: "run" | "load"; readonly records: readonly MemoryRecord[] }
  | { readonly do: "runTo"; readonly ns: number };

export function perform(operation: MemoryOperation, subject: MemorySubject): void {
  switch (operation.do) {
    case "write":
      subject.write32(operation.msc, operation.offset, operation.value, operation.space);
      return;
    case "label":
      subject.setLabel(operation.requester, operation.op, operation.label);
      return;
    case "edge":
      subject.edge();
      return;
    case "advance":
      subject.advance(operation.ns);
      return;
    case "run":
      subject.run(operation.records);
      return;
    case "load":
      subject.load(operation.records);
      return;
    case "runTo":
      subject.runTo(operation.ns);
  }
}

/** As a line of TypeScript. */
export function call(operation: MemoryOperation): string {
  switch (operation.do) {
    case "write": {
      const { msc, offset, value, space } = operation;
      return `subject.write32(${msc}, ${place(offset)}, ${hex(value)}, "${space}");`;
    }
    case "label":
      return `subject.setLabel(${operation.requester}, ${literal(operation.op)}, ${literal(operation.label)});`;
    case "edge":
      return "subject.edge();";
    case "advance":
      return `subject.advance(${operation.ns});`;
    case "run":
    case "load":
      return `subject.${operation.do}(${literal(operation.records)});`;
    case "runTo":
      return `subject.runTo(${operation.ns});`;
  }
}
