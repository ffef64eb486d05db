/** Every implementation of the processor side that is compared with the plain model. */
import { hardwarePe } from "../pe/hardware.ts";
import type { PeImplementation } from "./pe-subject.ts";

export const peImplementations: readonly PeImplementation[] = [hardwarePe];
