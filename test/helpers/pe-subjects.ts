/** Every implementation of the processor side that is compared with the plain model. */
import type { PeImplementation } from "./pe-subject.ts";
import { plainPe } from "./plain/pe/pe.ts";

/** For now only the plain model itself: until hardware is named here, the comparison shows that it runs, and no more. */
export const peImplementations: readonly PeImplementation[] = [plainPe];
