/** What is done to a memory system, as data: so that it can be drawn again, made short and printed. */
import type { MemoryRecord, MemorySubject } from "../../helpers/memory-subject.ts";
import type { Space, SubjectLabel } from "../../helpers/subject.ts";
import { hex, literal, place } from "../script.ts";

export interface Write {
  readonly msc: number;
  readonly offset: number;
  readonly value: number;
  readonly space: Space;
}

export type MemoryOperation =
  | { readonly do: "write"; readonly writes: readonly Write[] }
  | { readonly do: "label"; readonly requester: number; readonly op: number | "all"; readonly label: SubjectLabel }
  | { readonly do: "edge" }
  | { readonly do: "reset"; readonly msc: number }
  | { readonly do: "advance"; readonly ns: number }
  | { readonly do: "run" | "load"; readonly records: readonly MemoryRecord[] }
  | { readonly do: "runTo"; readonly ns: number };

export function perform(operation: MemoryOperation, subject: MemorySubject): void {
  switch (operation.do) {
    case "write":
      for (const { msc, offset, value, space } of operation.writes) subject.write32(msc, offset, value, space);
      return;
    case "label":
      subject.setLabel(operation.requester, operation.op, operation.label);
      return;
    case "reset":
      subject.reset?.(operation.msc);
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

/** As lines of TypeScript. */
export function calls(operation: MemoryOperation): string[] {
  switch (operation.do) {
    case "write":
      return operation.writes.map(({ msc, offset, value, space }) => {
        return `subject.write32(${msc}, ${place(offset)}, ${hex(value)}, "${space}");`;
      });
    case "label":
      return [`subject.setLabel(${operation.requester}, ${literal(operation.op)}, ${literal(operation.label)});`];
    case "reset":
      return [`subject.reset(${operation.msc});`];
    case "edge":
      return ["subject.edge();"];
    case "advance":
      return [`subject.advance(${operation.ns});`];
    case "run":
    case "load":
      return [`subject.${operation.do}(${literal(operation.records)});`];
    case "runTo":
      return [`subject.runTo(${operation.ns});`];
  }
}
