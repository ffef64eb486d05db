// What registers and fields are for, in plain words. Nobody needs it but hosts that show registers to people.

export { MEANINGS, meaningOf, SYSTEM_MEANINGS, wordFor, wordsFor } from "./look-up.ts";
export type { AccessKind, FieldsMeaning, RegisterGroup, RegisterMeaning, Selection } from "./meaning.ts";
export { type Identity, identityOffsets, readIdentity, registersThere } from "./presence.ts";
export { shareOf } from "./shares.ts";
