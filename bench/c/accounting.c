// Counting bytes per (owner, direction) from two columns.
//   bulk   four replicas 32 KiB apart, no test for overflow: what the module does when no threshold is near
//   exact  one counter per key, and every record looks whether that counter passed its threshold
// arguments: records, passes over the columns per turn, seed, keys, span of the skewed draw
#include "twin.h"

enum { REPLICAS = 4, REPLICA_WORDS = 32 * 1024 / 8, BATCH = 65536, LARGEST = 64 };

struct counter {
  uint64_t bytes;
  uint64_t threshold;
};

static uint32_t records, passes, keys;
static uint16_t *key_column;
static uint32_t *bytes_column;
static uint64_t (*replica)[REPLICA_WORDS];
static struct counter *counter;
static uint32_t *overflows;

static void __attribute__((noinline)) count_bulk(const uint16_t *restrict key, const uint32_t *restrict bytes,
                                                 uint32_t n) {
  uint64_t *r0 = replica[0], *r1 = replica[1], *r2 = replica[2], *r3 = replica[3];
  uint32_t i = 0;
  for (; i + 4 <= n; i += 4) {
    r0[key[i]] += bytes[i];
    r1[key[i + 1]] += bytes[i + 1];
    r2[key[i + 2]] += bytes[i + 2];
    r3[key[i + 3]] += bytes[i + 3];
  }
  for (; i < n; i++) replica[i & 3][key[i]] += bytes[i];
}

static void __attribute__((noinline)) passed_threshold(uint32_t key) {
  overflows[key]++;
  counter[key].threshold += 1ull << 31;
}

static void __attribute__((noinline)) count_exact(const uint16_t *restrict key, const uint32_t *restrict bytes,
                                                  uint32_t n) {
  for (uint32_t i = 0; i < n; i++) {
    struct counter *c = &counter[key[i]];
    c->bytes += bytes[i];
    if (__builtin_expect(c->bytes >= c->threshold, 0)) passed_threshold(key[i]);
  }
}

static uint32_t turn(const char *contestant, uint64_t *ns) {
  int bulk = strcmp(contestant, "bulk") == 0;
  uint64_t start = now_ns();
  for (uint32_t pass = 0; pass < passes; pass++) {
    for (uint32_t at = 0; at < records; at += BATCH) {
      uint32_t n = records - at < BATCH ? records - at : BATCH;
      if (bulk) count_bulk(key_column + at, bytes_column + at, n);
      else count_exact(key_column + at, bytes_column + at, n);
    }
  }
  *ns = now_ns() - start;
  uint32_t h = mix(0);
  for (uint32_t k = 0; k < keys; k++) {
    uint64_t sum = counter[k].bytes;
    if (bulk) sum = replica[0][k] + replica[1][k] + replica[2][k] + replica[3][k];
    h = hash_add64(h, sum);
  }
  return h;
}

int main(int argc, char **argv) {
  records = argument(argc, argv, 1);
  passes = argument(argc, argv, 2);
  uint32_t seed = argument(argc, argv, 3);
  keys = argument(argc, argv, 4);
  double span = argc > 5 ? strtod(argv[5], NULL) : 0;
  key_column = must_alloc(records * sizeof *key_column);
  bytes_column = must_alloc(records * sizeof *bytes_column);
  replica = must_alloc(REPLICAS * sizeof *replica);
  counter = must_alloc(keys * sizeof *counter);
  overflows = must_alloc(keys * sizeof *overflows);
  for (uint32_t k = 0; k < keys; k++) counter[k].threshold = 1ull << 31;
  for (uint32_t i = 0; i < records; i++) {
    key_column[i] = (uint16_t)(zipf_rank(draw(seed, i, 0), span) * 181 % keys);
    bytes_column[i] = 1 + draw(seed, i, 1) % LARGEST;
  }
  return serve_turns(turn);
}
