// The package with the hardware inside: for bundlers that do not copy a file named by a URL, and for pages of one file.

import shared from "../build/mpam.shared.wasm";
import hardware from "../build/mpam.wasm";
import { useModule } from "./machine/index.ts";

useModule(hardware, shared);

export * from "./index.ts";
