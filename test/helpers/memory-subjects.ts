/** Every implementation the memory suite runs on. The first is the reference that the others are compared with. */
import { MemoryBorder } from "./memory-border.ts";
import { MemoryMachine, memoryMachine } from "./memory-machine.ts";
import { MemoryParts } from "./memory-parts.ts";
import type { MemoryFactory } from "./memory-subject.ts";
import { plainMemory } from "./plain/memory/subject.ts";

export const memorySubjects: readonly { readonly name: string; readonly create: MemoryFactory }[] = [
  { name: "plain model", create: plainMemory },
  { name: "WebAssembly", create: (config) => memoryMachine(config) },
];

/** The same, and the hardware on all of its paths: what the search compares. */
export const memoryContestants: typeof memorySubjects = [
  ...memorySubjects,
  { name: "WebAssembly, path as chosen", create: (config) => memoryMachine(config, "chosen") },
  { name: "WebAssembly, path switched at random", create: (config) => memoryMachine(config, "forced") },
  { name: "WebAssembly without vectors", create: (config) => MemoryMachine.withoutVectors(config, "chosen") },
  { name: "WebAssembly, two threads", create: (config) => memoryMachine(config, "chosen", 2) },
  { name: "WebAssembly, last level apart", create: (config) => MemoryBorder.create(config) },
  { name: "WebAssembly, in parts", create: (config) => MemoryParts.create(config) },
];
