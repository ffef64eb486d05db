// What every C twin shares: the mixer of design.md section 6, the skewed draw, the clock and the line protocol.
//
// A twin generates its own input from the seed on its command line, prints "ready", and then answers each line
// "run <contestant>" with "<nanoseconds> <checksum>". It sleeps in read() while the other contestants have their turn.
#ifndef TWIN_H
#define TWIN_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static inline uint32_t mix(uint32_t x) {
  x ^= x >> 16;
  x *= 0x85ebca6bu;
  x ^= x >> 13;
  x *= 0xc2b2ae35u;
  x ^= x >> 16;
  return x;
}

/** One more word into a running hash; a hash starts at mix(first word). */
static inline uint32_t hash_add(uint32_t h, uint32_t word) { return mix(h ^ mix(word + 0x9e3779b9u)); }

static inline uint32_t hash_add64(uint32_t h, uint64_t word) {
  return hash_add(hash_add(h, (uint32_t)word), (uint32_t)(word >> 32));
}

/** Word `column` of record `i`. */
static inline uint32_t draw(uint32_t seed, uint32_t i, uint32_t column) {
  return hash_add(hash_add(mix(seed), i), column);
}

/**
 * A rank 0 .. n-1 with weight about (rank + 1)^-0.9: the inverse of the continuous distribution, where `span` is
 * n^0.1 - 1. Only exact double operations, so that every contestant draws the same (build with -ffp-contract=off).
 */
static inline uint32_t zipf_rank(uint32_t word, double span) {
  double y = 1.0 + (double)word / 4294967296.0 * span;
  double y2 = y * y;
  double y4 = y2 * y2;
  double y8 = y4 * y4;
  return (uint32_t)(y8 * y2) - 1;
}

static inline uint64_t now_ns(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static inline void *must_alloc(size_t bytes) {
  void *p = aligned_alloc(4096, (bytes + 4095) / 4096 * 4096);
  if (!p) {
    fprintf(stderr, "out of memory: %zu bytes\n", bytes);
    exit(1);
  }
  memset(p, 0, bytes);
  return p;
}

static inline uint32_t argument(int argc, char **argv, int index) {
  if (index >= argc) {
    fprintf(stderr, "argument %d is missing\n", index);
    exit(1);
  }
  return (uint32_t)strtoul(argv[index], NULL, 10);
}

/** Runs `contestant` once, puts the time of the measured part into *ns and returns the checksum. */
typedef uint32_t (*turn_fn)(const char *contestant, uint64_t *ns);

static inline int serve_turns(turn_fn turn) {
  char line[128];
  printf("ready\n");
  fflush(stdout);
  while (fgets(line, sizeof line, stdin)) {
    line[strcspn(line, "\n")] = 0;
    if (strncmp(line, "run ", 4) != 0) {
      fprintf(stderr, "not understood: %s\n", line);
      return 1;
    }
    uint64_t ns = 0;
    uint32_t checksum = turn(line + 4, &ns);
    printf("%llu %08x\n", (unsigned long long)ns, checksum);
    fflush(stdout);
  }
  return 0;
}

#endif
