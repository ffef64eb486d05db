/** Every implementation the MSC suite runs on. The first is the reference that the others are compared with. */
import { MachineSubject } from "./machine-subject.ts";
import { PlainSubject } from "./plain/subject.ts";
import type { SubjectFactory } from "./subject.ts";

export const factories: readonly { readonly name: string; readonly create: SubjectFactory }[] = [
  { name: "plain model", create: async (config) => new PlainSubject(config) },
  { name: "WebAssembly", create: (config) => MachineSubject.create(config) },
  { name: "WebAssembly, wide layout", create: (config) => MachineSubject.create(config, "wide") },
];

/** The same, and the hardware on its other paths: what the search compares. */
export const mscContestants: typeof factories = [
  ...factories,
  { name: "WebAssembly, one by one", create: (config) => MachineSubject.create(config, "single") },
  { name: "WebAssembly, path switched at random", create: (config) => MachineSubject.create(config, "forced") },
];
