// How much a page takes of what is dropped on it.

/** Traces are held in memory, and imported there. */
export const MOST_TRACE_BYTES = 512 * 2 ** 20;

/** Of a platform file: more than a hundred times the largest bundled one. */
export const MOST_PLATFORM_BYTES = 2 ** 20;
