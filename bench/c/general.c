// One set-associative cache with every rule of allocation: up to 64 ways; LRU, PLRU, NRU or random replacement; portions,
// hard and soft maxima, minima and a maximum of ways per PARTID. A struct per line and loops over the ways, as one
// writes it.
// arguments: as cache.c up to partids; then portions, ways, policy (0 LRU, 1 PLRU, 2 NRU, 3 random), seed of random
//            replacement, and per PARTID its portion bitmap, maximum in lines, whether that is soft, minimum in lines,
//            and most ways of a set
#include "cache-case.h"

enum { MAX_WAYS = 64, MAX_PHASES = 32, SETTING_WORDS = 5 };
enum policy { LRU, PLRU, NRU, RANDOM };

struct line {
  uint64_t used; // when it was last touched (LRU); 0: never filled
  uint32_t tag;
  uint8_t owner;
  uint8_t partid;
  uint8_t valid;
  uint8_t dirty;
};

struct owner {
  uint64_t accesses, misses, lines_read, lines_written;
  uint32_t lines;
};

struct partition {
  uint64_t open[MAX_PHASES]; // bit per way, by the low bits of the set
  uint32_t most, least;      // lines
  uint32_t most_ways;        // of a set
  uint32_t lines;            // that it has
  uint8_t soft;
  uint8_t limited; // most is less than everything
};

// Whose lines are given up first.
enum { ABOVE_MOST = 2, WITHIN = 3, BELOW_LEAST = 4 };

static uint32_t ways, phases, random_seed;
static uint32_t leaves; // the next power of two of the ways
static enum policy policy;
static struct line *cache;
/** What a set remembers besides ages: the tree of PLRU, the bits of NRU, the fills for random replacement. */
static uint64_t *memory_of_set;
static struct owner owners[MAX_OWNERS];
static struct partition partitions[MAX_PARTIDS];
static int keeps; // somebody has a minimum, or a soft maximum: whose lines they are matters
static uint64_t now;

static inline int retention(const struct partition *p) {
  if (p->lines > p->most) return ABOVE_MOST;
  return p->lines < p->least ? BELOW_LEAST : WITHIN;
}

/** A bit for each way that a line of this PARTID may take. */
static inline uint64_t candidates(const struct line *set, uint32_t number, uint32_t partid) {
  const struct partition *p = &partitions[partid];
  uint64_t open = p->open[number & (phases - 1)];
  int full = p->limited && p->lines >= p->most;
  int crowded = 0;
  if (p->most_ways < ways) {
    uint32_t mine = 0;
    for (uint32_t way = 0; way < ways; way++) mine += set[way].valid && set[way].partid == partid;
    crowded = mine >= p->most_ways;
  }
  if (!full && !crowded && !keeps) return open;
  int rank = retention(p);
  uint64_t found = 0;
  for (uint32_t way = 0; way < ways; way++) {
    const struct line *l = &set[way];
    int may;
    if (!l->valid) may = !crowded && (!full || p->soft);
    else if (l->partid == partid) may = 1;
    else may = !crowded && !full && retention(&partitions[l->partid]) <= rank;
    found |= (uint64_t)may << way;
  }
  return open & found;
}

/** Node n of the tree has the children 2n and 2n + 1; bit n is set where it points to the upper half. */
static inline uint32_t follow_tree(uint64_t tree, uint64_t open) {
  uint32_t low = 0, node = 1;
  for (uint32_t half = leaves / 2; half; half /= 2) {
    uint64_t mask = (1ull << half) - 1;
    uint32_t up = tree >> node & 1;
    if (!(open >> (low + up * half) & mask)) up = !up;
    low += up * half;
    node = node * 2 + up;
  }
  return low;
}

static inline uint64_t point_away(uint64_t tree, uint32_t way) {
  uint32_t low = 0, node = 1;
  for (uint32_t half = leaves / 2; half; half /= 2) {
    uint32_t up = way >= low + half;
    tree = up ? tree & ~(1ull << node) : tree | 1ull << node;
    low += up * half;
    node = node * 2 + up;
  }
  return tree;
}

/** Lines that were never filled are the oldest, the lowest way first. */
static inline uint32_t oldest(const struct line *set, uint64_t open) {
  uint32_t victim = 0;
  uint64_t used = UINT64_MAX;
  for (uint32_t way = 0; way < ways; way++) {
    if (open >> way & 1 && set[way].used < used) {
      used = set[way].used;
      victim = way;
    }
  }
  return victim;
}

static inline uint32_t choose_victim(const struct line *set, uint32_t number, uint64_t open) {
  if (policy == LRU) return oldest(set, open);
  for (uint32_t way = 0; way < ways; way++) {
    if (open >> way & 1 && !set[way].valid) return way;
  }
  uint64_t *memory = &memory_of_set[number];
  if (policy == PLRU) return follow_tree(*memory, open);
  if (policy == NRU) {
    if (!(open & ~*memory)) *memory &= ~open;
    return (uint32_t)__builtin_ctzll(open & ~*memory);
  }
  uint32_t hash = hash_add(hash_add(hash_add(mix(random_seed), 0), number), (uint32_t)*memory);
  for (uint32_t skip = hash % (uint32_t)__builtin_popcountll(open); skip; skip--) open &= open - 1;
  return (uint32_t)__builtin_ctzll(open);
}

static inline void touch(struct line *line, uint32_t number, uint32_t way) {
  uint64_t *memory = &memory_of_set[number];
  if (policy == LRU) line->used = now;
  else if (policy == PLRU) *memory = point_away(*memory, way);
  else if (policy == NRU) *memory |= 1ull << way;
}

static inline void access_cache(uint32_t line, uint32_t requester, uint32_t op) {
  uint32_t number = line & (sets - 1), tag = line >> set_bits;
  struct line *set = &cache[(size_t)number * ways];
  uint32_t id = owner_of_requester[requester];
  struct owner *owner = &owners[id];
  owner->accesses++;
  now++;
  for (uint32_t way = 0; way < ways; way++) {
    if (set[way].tag == tag && set[way].valid) {
      touch(&set[way], number, way);
      set[way].dirty |= op == OP_WRITE;
      return;
    }
  }
  owner->misses++;
  uint32_t partid = partid_of_owner[id];
  uint64_t open = candidates(set, number, partid);
  if (!open) {
    if (op == OP_WRITE) owner->lines_written++;
    else owner->lines_read++;
    return;
  }
  uint32_t way = choose_victim(set, number, open);
  struct line *victim = &set[way];
  if (victim->valid) {
    struct owner *loser = &owners[victim->owner];
    loser->lines--;
    partitions[victim->partid].lines--;
    if (victim->dirty) loser->lines_written++;
  }
  owner->lines_read++;
  owner->lines++;
  partitions[partid].lines++;
  *victim = (struct line){.tag = tag, .owner = (uint8_t)id, .partid = (uint8_t)partid, .valid = 1, .dirty = op == OP_WRITE};
  if (policy == RANDOM) memory_of_set[number]++;
  touch(victim, number, way);
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

/** A way of a set lies in one of the portions, and a run of portions is a run of ways. */
static void open_portions(struct partition *p, uint32_t bitmap, uint32_t portions) {
  for (uint32_t phase = 0; phase < phases; phase++) {
    for (uint32_t way = 0; way < ways; way++) {
      uint32_t portion = (way * phases + phase) * portions / (ways * phases);
      if (bitmap >> portion & 1) p->open[phase] |= 1ull << way;
    }
  }
}

int main(int argc, char **argv) {
  read_case(argc, argv);
  uint32_t portions = argument(argc, argv, FIRST_SETTING);
  ways = argument(argc, argv, FIRST_SETTING + 1);
  policy = (enum policy)argument(argc, argv, FIRST_SETTING + 2);
  random_seed = argument(argc, argv, FIRST_SETTING + 3);
  if (ways == 0 || ways > MAX_WAYS || portions == 0 || portions > 32 || policy > RANDOM) return 1;
  leaves = 1;
  while (leaves < ways) leaves *= 2;
  phases = 1;
  while (ways * phases < portions) phases *= 2;
  for (uint32_t id = 0; id < partids; id++) {
    struct partition *p = &partitions[id];
    int at = FIRST_SETTING + 4 + (int)id * SETTING_WORDS;
    open_portions(p, argument(argc, argv, at), portions);
    p->most = argument(argc, argv, at + 1);
    p->soft = (uint8_t)argument(argc, argv, at + 2);
    p->least = argument(argc, argv, at + 3);
    p->most_ways = argument(argc, argv, at + 4);
    p->limited = p->most < sets * ways;
    keeps |= (p->soft && p->limited) || p->least;
  }
  cache = must_alloc((size_t)sets * ways * sizeof *cache);
  memory_of_set = must_alloc(sets * sizeof *memory_of_set);
  return serve_turns(turn);
}
