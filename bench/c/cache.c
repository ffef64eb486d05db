// One set-associative cache: LRU, portions, a hard maximum per PARTID, occupancy and downstream lines per owner.
// A struct per line and loops over the ways, as one writes it.
// arguments: records, sets, seed, pattern, space lines, hot lines, span of the skewed draw,
//            partids, then per PARTID its portion bitmap and its limit in lines
#include "twin.h"

enum { WAYS = 16, BATCH = 65536, PMGS = 2, MAX_PARTIDS = 64, MAX_OWNERS = MAX_PARTIDS * PMGS };
enum { OP_WRITE = 1 };

struct line {
  uint64_t used; // when it was last touched; 0: never filled
  uint32_t tag;
  uint8_t owner;
  uint8_t valid;
  uint8_t dirty;
};

struct owner {
  uint64_t accesses, misses, lines_read, lines_written;
  uint32_t lines;
};

struct partition {
  uint32_t portions; // bit per way: 16 portions of a 16-way cache
  uint32_t limit;    // most lines
  uint32_t lines;    // lines it has
};

static uint32_t records, sets, set_bits, partids;
static uint32_t *line_column;
static uint16_t *requester_column;
static uint8_t *meta_column;
static struct line (*cache)[WAYS];
static struct owner owners[MAX_OWNERS];
static struct partition partitions[MAX_PARTIDS];
static uint8_t owner_of_requester[MAX_OWNERS];
static uint8_t partid_of_owner[MAX_OWNERS];
static uint64_t now;

/** The way to fill for this PARTID, or -1 when it may not allocate here. */
static inline int choose_victim(const struct line *set, uint32_t partid) {
  const struct partition *p = &partitions[partid];
  int own_only = p->lines >= p->limit;
  int victim = -1;
  uint64_t oldest = UINT64_MAX;
  for (int way = 0; way < WAYS; way++) {
    if (!(p->portions >> way & 1)) continue;
    if (own_only) {
      if (!set[way].valid || partid_of_owner[set[way].owner] != partid) continue;
    } else if (!set[way].valid) {
      return way;
    }
    if (set[way].used < oldest) {
      oldest = set[way].used;
      victim = way;
    }
  }
  return victim;
}

static inline void access_cache(uint32_t line, uint32_t requester, uint32_t op) {
  struct line *set = cache[line & (sets - 1)];
  uint32_t tag = line >> set_bits;
  uint32_t id = owner_of_requester[requester];
  struct owner *owner = &owners[id];
  owner->accesses++;
  now++;
  for (int way = 0; way < WAYS; way++) {
    if (set[way].tag == tag && set[way].valid) {
      set[way].used = now;
      set[way].dirty |= op == OP_WRITE;
      return;
    }
  }
  owner->misses++;
  uint32_t partid = partid_of_owner[id];
  int way = choose_victim(set, partid);
  if (way < 0) {
    if (op == OP_WRITE) owner->lines_written++;
    else owner->lines_read++;
    return;
  }
  struct line *victim = &set[way];
  if (victim->valid) {
    struct owner *loser = &owners[victim->owner];
    loser->lines--;
    partitions[partid_of_owner[victim->owner]].lines--;
    if (victim->dirty) loser->lines_written++;
  }
  owner->lines_read++;
  owner->lines++;
  partitions[partid].lines++;
  *victim = (struct line){.used = now, .tag = tag, .owner = (uint8_t)id, .valid = 1, .dirty = op == OP_WRITE};
}

static void __attribute__((noinline)) replay(const uint32_t *line, const uint16_t *requester, const uint8_t *meta,
                                             uint32_t n) {
  for (uint32_t i = 0; i < n; i++) access_cache(line[i], requester[i], meta[i] >> 6);
}

static uint32_t turn(const char *contestant, uint64_t *ns) {
  (void)contestant;
  uint64_t start = now_ns();
  for (uint32_t at = 0; at < records; at += BATCH) {
    uint32_t n = records - at < BATCH ? records - at : BATCH;
    replay(line_column + at, requester_column + at, meta_column + at, n);
  }
  *ns = now_ns() - start;
  uint32_t h = mix(0);
  for (uint32_t o = 0; o < partids * PMGS; o++) {
    const struct owner *w = &owners[o];
    h = hash_add64(h, w->accesses - w->misses);
    h = hash_add64(h, w->misses);
    h = hash_add(h, w->lines);
    h = hash_add64(h, w->lines_read * 64);
    h = hash_add64(h, w->lines_written * 64);
  }
  return h;
}

/** The same three patterns as bench/workload.ts: 0 mostly hits, 1 skewed, 2 uniform. */
static void generate(uint32_t seed, uint32_t pattern, uint32_t space, uint32_t hot, double span) {
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

int main(int argc, char **argv) {
  records = argument(argc, argv, 1);
  sets = argument(argc, argv, 2);
  uint32_t seed = argument(argc, argv, 3), pattern = argument(argc, argv, 4);
  uint32_t space = argument(argc, argv, 5), hot = argument(argc, argv, 6);
  double span = argc > 7 ? strtod(argv[7], NULL) : 0;
  partids = argument(argc, argv, 8);
  if (partids > MAX_PARTIDS) return 1;
  for (uint32_t p = 0; p < partids; p++) {
    partitions[p].portions = argument(argc, argv, 9 + (int)p * 2);
    partitions[p].limit = argument(argc, argv, 10 + (int)p * 2);
  }
  while (1u << set_bits < sets) set_bits++;
  for (uint32_t o = 0; o < partids * PMGS; o++) {
    owner_of_requester[o] = (uint8_t)o;
    partid_of_owner[o] = (uint8_t)(o % partids);
  }
  line_column = must_alloc(records * sizeof *line_column);
  requester_column = must_alloc(records * sizeof *requester_column);
  meta_column = must_alloc(records * sizeof *meta_column);
  cache = must_alloc(sets * sizeof *cache);
  generate(seed, pattern, space, hot, span);
  return serve_turns(turn);
}
