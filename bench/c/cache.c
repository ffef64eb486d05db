// One set-associative cache: LRU, portions, a hard maximum per PARTID, occupancy and downstream lines per owner.
// A struct per line and loops over the ways, as one writes it.
// arguments: records, sets, seed, pattern, space lines, hot lines, span of the skewed draw,
//            partids, then per PARTID its portion bitmap and its limit in lines
#include "cache-case.h"

enum { WAYS = 16 };

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

static struct line (*cache)[WAYS];
static struct owner owners[MAX_OWNERS];
static struct partition partitions[MAX_PARTIDS];
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
  *ns = replay_all(replay);
  uint32_t h = mix(0);
  for (uint32_t o = 0; o < partids * PMGS; o++) {
    const struct owner *w = &owners[o];
    h = add_owner(h, w->accesses, w->misses, w->lines, w->lines_read, w->lines_written);
  }
  return h;
}

int main(int argc, char **argv) {
  read_case(argc, argv);
  for (uint32_t p = 0; p < partids; p++) {
    partitions[p].portions = argument(argc, argv, FIRST_SETTING + (int)p * 2);
    partitions[p].limit = argument(argc, argv, FIRST_SETTING + 1 + (int)p * 2);
  }
  cache = must_alloc(sets * sizeof *cache);
  return serve_turns(turn);
}
