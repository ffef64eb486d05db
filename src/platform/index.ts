// The platform file: what it may say, and what a machine is made of.

export {
  type AddressRange,
  addressMap,
  MAILBOX_REGISTERS,
  MAILBOX_WINDOW_BYTES,
  SHADOW_WINDOW_BYTES,
  shadowWindow,
} from "./address-map.ts";
export { frontOf, partsOf, sharesFront } from "./border.ts";
export { checkObject } from "./check-input.ts";
export { PlatformError } from "./error.ts";
export {
  cacheSets,
  estimateMemory,
  MEMORY_MAXIMUM,
  type MemoryEstimate,
  type MemoryPiece,
  PORTIONS_WITH_EFFECT,
} from "./estimate.ts";
export { MSC_WINDOW_BYTES, mscInstances } from "./instances.ts";
export { KEY_TABLES, type KeyTable, type KeyTableName, type KeyWords } from "./key-reference.ts";
export { loadPlatform } from "./load.ts";
export { platformNotes } from "./notes.ts";
export { parsePlatform } from "./parse.ts";
export { fillProcessor, processorOfCpus } from "./processor.ts";
export { platformSchema } from "./schema.ts";
export { cachesBelow, cachesOfCpus } from "./topology.ts";
export {
  type CacheDescription,
  type Erratum,
  type MailboxDescription,
  type MemoryDescription,
  type MonitorFeatures,
  type MscDescription,
  type MscInstance,
  type PeDescription,
  type Platform,
  type RisDescription,
  SPACES,
  type Space,
  type TranslationDescription,
} from "./types.ts";
export {
  type DeviceDescription,
  SMMU_WINDOW_BYTES,
  type SmmuDescription,
  type StreamConfig,
  type StreamDescription,
  type StreamSpace,
  SUBSTREAMS_MAXIMUM,
} from "./types-io.ts";
