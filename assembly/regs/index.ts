// The register pages, for both compilers: facts and no state.

export * from "./errors.ts";
export * from "./field.ts";
export * from "./identity.ts";
export * from "./monitor.ts";
export * from "./msi.ts";
export * from "./offsets.ts";
export * from "./options.ts";
export * from "./partition.ts";
export * from "./pe.ts";
export * from "./pe-encodings.ts";
export * from "./pe-words.ts";
