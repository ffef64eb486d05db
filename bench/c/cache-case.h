// What the C twins of a cache share: accesses drawn as in bench/workload.ts, what is counted for an owner, and the checksum.
#ifndef CACHE_CASE_H
#define CACHE_CASE_H

#include "twin.h"

enum { BATCH = 65536, PMGS = 2, MAX_PARTIDS = 64, MAX_OWNERS = MAX_PARTIDS * PMGS };
enum { OP_WRITE = 1 };

/** Arguments that every case begins with; those of a PARTID each follow from FIRST_SETTING on, or what a twin has before them. */
enum { FIRST_SETTING = 9 };

static uint32_t records, sets, set_bits, partids;
static uint32_t *line_column;
static uint16_t *requester_column;
static uint8_t *meta_column;
static uint8_t owner_of_requester[MAX_OWNERS];
static uint8_t partid_of_owner[MAX_OWNERS];

/** The same three patterns as bench/workload.ts: 0 mostly hits, 1 skewed, 2 uniform. */
static inline void generate(uint32_t seed, uint32_t pattern, uint32_t space, uint32_t hot, double span) {
  uint32_t requesters = partids * PMGS;
  for (uint32_t i = 0; i < records; i++) {
    uint32_t where = draw(seed, i, 0), who = draw(seed, i, 1) % requesters, kind = draw(seed, i, 2);
    uint32_t base = who * space;
    if (pattern == 0) {
      if ((kind >> 8) % 100 < 95) line_column[i] = base + (where & (hot - 1));
      else line_column[i] = requesters * space + (where & (requesters * space * 2 - 1));
    } else if (pattern == 1) {
      line_column[i] = base + (zipf_rank(where, span) * 0x9e3779b1u & (space - 1));
    } else {
      line_column[i] = base + (where & (space - 1));
    }
    requester_column[i] = (uint16_t)who;
    meta_column[i] = (uint8_t)(((kind & 3) == 0 ? OP_WRITE : 0) << 6 | 7);
  }
}

/** Reads records, sets, seed, pattern, space lines, hot lines, span of the skewed draw and partids; draws the accesses. */
static inline void read_case(int argc, char **argv) {
  records = argument(argc, argv, 1);
  sets = argument(argc, argv, 2);
  uint32_t seed = argument(argc, argv, 3), pattern = argument(argc, argv, 4);
  uint32_t space = argument(argc, argv, 5), hot = argument(argc, argv, 6);
  double span = argc > 7 ? strtod(argv[7], NULL) : 0;
  partids = argument(argc, argv, 8);
  if (partids > MAX_PARTIDS) {
    fprintf(stderr, "%u PARTIDs; at most %d\n", partids, MAX_PARTIDS);
    exit(1);
  }
  while (1u << set_bits < sets) set_bits++;
  for (uint32_t o = 0; o < partids * PMGS; o++) {
    owner_of_requester[o] = (uint8_t)o;
    partid_of_owner[o] = (uint8_t)(o % partids);
  }
  // The last records are looked ahead from.
  line_column = must_alloc((records + 64) * sizeof *line_column);
  requester_column = must_alloc((records + 64) * sizeof *requester_column);
  meta_column = must_alloc(records + 64);
  generate(seed, pattern, space, hot, span);
}

typedef void (*replay_fn)(const uint32_t *line, const uint16_t *requester, const uint8_t *meta, uint32_t n);

/** All records in batches; the nanoseconds they took. */
static inline uint64_t replay_all(replay_fn replay) {
  uint64_t start = now_ns();
  for (uint32_t at = 0; at < records; at += BATCH) {
    uint32_t n = records - at < BATCH ? records - at : BATCH;
    replay(line_column + at, requester_column + at, meta_column + at, n);
  }
  return now_ns() - start;
}

/** One more owner into the checksum. */
static inline uint32_t add_owner(uint32_t h, uint64_t accesses, uint64_t misses, uint32_t lines, uint64_t lines_read,
                          uint64_t lines_written) {
  h = hash_add64(h, accesses - misses);
  h = hash_add64(h, misses);
  h = hash_add(h, lines);
  h = hash_add64(h, lines_read * 64);
  return hash_add64(h, lines_written * 64);
}

#endif
