// A whole platform: private second levels, a last level in slices, memory channels that regulate in closed timing. A
// struct per line, loops over the ways, a queue per partition of a channel. What monitors would say follows from what is
// counted for each label at each place.
//   open    records one after the other
//   closed  requesters issue as their budget and the channels let them, quantum by quantum
// arguments: records, seed, space lines, span of the skewed draw, longest gap,
//            cpus, sets and ways of a second level, slices, sets and ways of a slice, channels, bytes of a channel in a
//            quantum, outstanding requests of a requester,
//            partids, then per PARTID: portions of the second level, portions of the last one, most lines of a slice,
//            MBW_MAX in steps of 1/256, whether it is hard, MBW_MIN
#include "twin.h"

enum { PMGS = 2, MAX_PARTIDS = 16, MAX_LABELS = MAX_PARTIDS * PMGS, MAX_CPUS = 16, MAX_SLICES = 64, MAX_CHANNELS = 8 };
enum { OP_WRITE = 1, LINE = 64, QUANTUM_NS = 1000, WINDOW_QUANTA = 1000, STEPS = 256 };
enum { L2_NS = 5, L3_NS = 20, MEMORY_NS = 100 };

struct line {
  uint64_t used; // when it was last touched; 0: never filled
  uint32_t tag;
  uint8_t owner;
  uint8_t valid;
  uint8_t dirty;
};

struct use {
  uint64_t accesses, misses, lines_read, lines_written;
  uint32_t lines;
};

/** A private cache, or a slice. */
struct cache {
  uint32_t sets, set_bits, ways, latency_ns;
  int is_last;
  struct line *lines;
  struct use use[MAX_LABELS];
  uint32_t portions[MAX_PARTIDS]; // bit per way
  uint32_t limit[MAX_PARTIDS];    // most lines
  uint32_t held[MAX_PARTIDS];     // lines it has
};

/** A request that a channel holds. */
struct held {
  struct held *next;
  uint64_t since;
  uint8_t owner, write;
  uint8_t demanded;   // a record waits for it
  uint8_t requester;  // whose budget it takes from
};

/** The requests of one PARTID at a channel. */
struct share {
  struct held *first, **last;
  uint64_t held;      // bytes that wait
  uint64_t credit;    // bytes granted and not taken
  uint64_t use;       // bytes granted in this window
  uint64_t window;
  uint64_t want;
  double rest;        // what was too little for a byte
  uint32_t max, min;  // steps of what the channel lets through
  int limited, hard;
};

struct channel {
  uint64_t bytes[MAX_LABELS][2];
  struct share shares[MAX_PARTIDS];
  uint64_t quantum, left; // bytes left of the quantum looked at last
  uint64_t waiting;       // requests
};

struct record {
  uint32_t line;
  uint16_t gap;
  uint8_t requester;
  uint8_t write;
};

/** A requester in closed timing. */
struct stream {
  struct record *records;
  uint32_t count, next;
  uint64_t due; // of the next record
  uint32_t budget, waiting;
};

struct latency {
  uint64_t count, sum;
};

static uint32_t record_count, partids, labels, cpus, slices, channel_count, channel_bytes, outstanding;
static struct record *records;
static struct cache l2[MAX_CPUS], l3[MAX_SLICES];
static struct channel channels[MAX_CHANNELS];
static struct stream streams[MAX_LABELS];
static struct latency latencies[MAX_LABELS];
static struct held *free_held;
static uint8_t partid_of[MAX_LABELS];
static uint64_t touches;

// Closed timing: where it is, and the record under way.
static int closed;
static uint64_t quantum, now;
static uint32_t issuer, service_ns;
static int left_private, is_held;

// --- Channels ---

static inline uint64_t window_bytes(void) {
  return (quantum + 1 - quantum / WINDOW_QUANTA * WINDOW_QUANTA) * channel_bytes;
}

static inline void turn_window(struct share *s) {
  if (s->window == quantum / WINDOW_QUANTA) return;
  s->window = quantum / WINDOW_QUANTA;
  s->use = 0;
}

static inline uint64_t less(uint64_t a, uint64_t b) { return a > b ? a - b : 0; }
static inline uint64_t smaller(uint64_t a, uint64_t b) { return a < b ? a : b; }

static inline uint64_t room_below_max(const struct share *s) {
  if (!s->limited) return UINT64_MAX;
  return less(((s->max + 1) * window_bytes() + STEPS - 1) / STEPS, s->use);
}

static inline uint64_t room_below_min(const struct share *s) { return less(s->min * window_bytes() / STEPS, s->use); }

static inline void begin_quantum(struct channel *c) {
  if (c->quantum == quantum) return;
  c->quantum = quantum;
  c->left = channel_bytes;
}

static inline int lets_through(struct channel *c, struct share *s) {
  begin_quantum(c);
  if (s->held) return 0;
  turn_window(s);
  if (s->hard && room_below_max(s) < LINE) return 0;
  if (c->left < LINE) return 0;
  c->left -= LINE;
  s->use += LINE;
  return 1;
}

static struct held *new_held(void) {
  enum { MORE = 1024 };
  if (!free_held) {
    struct held *some = must_alloc(MORE * sizeof *some);
    for (int i = 0; i < MORE; i++) {
      some[i].next = free_held;
      free_held = &some[i];
    }
  }
  struct held *h = free_held;
  free_held = h->next;
  return h;
}

static void hold(struct channel *c, struct share *s, uint32_t owner, int write, int demanded) {
  struct held *h = new_held();
  *h = (struct held){.since = now, .owner = (uint8_t)owner, .write = (uint8_t)write, .demanded = (uint8_t)demanded,
                     .requester = (uint8_t)issuer};
  if (!s->held) s->last = &s->first;
  *s->last = h;
  s->last = &h->next;
  s->held += LINE;
  c->waiting++;
  streams[issuer].waiting++;
  if (demanded) is_held = 1;
}

static inline void served(uint32_t owner, uint64_t ns) {
  latencies[owner].count++;
  latencies[owner].sum += ns;
}

static void memory_request(uint32_t line, uint32_t owner, int write, int demanded) {
  struct channel *c = &channels[hash_add(mix(2), line) % channel_count];
  if (demanded) service_ns = MEMORY_NS;
  if (closed) {
    struct share *s = &c->shares[partid_of[owner]];
    if (!lets_through(c, s)) {
      hold(c, s, owner, write, demanded);
      return;
    }
  }
  c->bytes[owner][write] += LINE;
}

// --- Granting at the beginning of a quantum ---

/** Divides what is left evenly among those who want some; who wants no more than its share gets that and leaves. */
static void divide(struct channel *c) {
  int again = 1;
  while (again && c->left) {
    double bytes = (double)c->left;
    uint32_t competing = 0;
    for (uint32_t p = 0; p < partids; p++) competing += c->shares[p].want != 0;
    if (!competing) return;
    again = 0;
    for (uint32_t p = 0; p < partids; p++) {
      struct share *s = &c->shares[p];
      if (!s->want || s->want > smaller((uint64_t)(bytes / competing + s->rest), c->left)) continue;
      c->left -= s->want;
      s->credit += s->want;
      s->use += s->want;
      s->want = 0;
      again = 1;
    }
    if (again) continue;
    for (uint32_t p = 0; p < partids; p++) {
      struct share *s = &c->shares[p];
      if (!s->want) continue;
      double exact = bytes / competing + s->rest;
      uint64_t given = smaller((uint64_t)exact, c->left);
      c->left -= given;
      s->credit += given;
      s->use += given;
      s->want -= given;
      s->rest = exact - (double)given;
    }
  }
}

static void grant(struct channel *c) {
  for (uint32_t p = 0; p < partids; p++) {
    struct share *s = &c->shares[p];
    if (s->held) turn_window(s);
  }
  for (int preference = 0; preference < 3; preference++) {
    for (uint32_t p = 0; p < partids; p++) {
      struct share *s = &c->shares[p];
      s->want = 0;
      if (!s->held) continue;
      uint64_t need = less(s->held, s->credit);
      if (preference == 0) s->want = smaller(need, smaller(room_below_min(s), room_below_max(s)));
      else if (preference == 1) s->want = smaller(need, room_below_max(s));
      else if (!s->hard) s->want = need;
    }
    divide(c);
  }
}

static void let_go(struct channel *c, struct share *s) {
  struct held *h = s->first;
  s->first = h->next;
  s->held -= LINE;
  s->credit -= LINE;
  c->waiting--;
  c->bytes[h->owner][h->write] += LINE;
  streams[h->requester].waiting--;
  // The record's label is its requester's.
  if (h->demanded) served(h->requester, MEMORY_NS + (now - h->since));
  h->next = free_held;
  free_held = h;
}

static void pass_edge(struct channel *c) {
  if (!c->waiting) return;
  begin_quantum(c);
  grant(c);
  for (uint32_t p = 0; p < partids; p++) {
    struct share *s = &c->shares[p];
    while (s->held && s->credit >= LINE) let_go(c, s);
    if (!s->held) s->rest = 0;
  }
}

// --- Caches ---

static inline struct cache *slice_of(uint32_t line) { return &l3[hash_add(mix(1), line) % slices]; }
static void demand(struct cache *c, uint32_t line, uint32_t owner, int write);
static void write_back(struct cache *c, uint32_t line, uint32_t owner, int demanded);

static inline void read_below(const struct cache *c, uint32_t line, uint32_t owner) {
  if (c->is_last) memory_request(line, owner, 0, 1);
  else demand(slice_of(line), line, owner, 0);
}

static inline void write_below(const struct cache *c, uint32_t line, uint32_t owner, int demanded) {
  if (c->is_last) memory_request(line, owner, 1, demanded);
  else write_back(slice_of(line), line, owner, demanded);
}

static inline struct line *set_of(const struct cache *c, uint32_t line) {
  return &c->lines[(size_t)(line & (c->sets - 1)) * c->ways];
}

static inline struct line *find(const struct cache *c, struct line *set, uint32_t tag) {
  for (uint32_t way = 0; way < c->ways; way++)
    if (set[way].tag == tag && set[way].valid) return &set[way];
  return NULL;
}

/** The line to give up for this PARTID, or NULL when it may not allocate here. */
static inline struct line *choose_victim(const struct cache *c, struct line *set, uint32_t partid) {
  uint32_t open = c->portions[partid];
  int own_only = c->held[partid] >= c->limit[partid];
  struct line *victim = NULL;
  uint64_t oldest = UINT64_MAX;
  for (uint32_t way = 0; way < c->ways; way++) {
    if (!(open >> way & 1)) continue;
    if (own_only) {
      if (!set[way].valid || partid_of[set[way].owner] != partid) continue;
    } else if (!set[way].valid) {
      return &set[way];
    }
    if (set[way].used < oldest) {
      oldest = set[way].used;
      victim = &set[way];
    }
  }
  return victim;
}

/** Takes the line out; a dirty one goes down under its own label. */
static inline void evict(struct cache *c, struct line *victim, uint32_t line) {
  if (!victim->valid) return;
  struct use *loser = &c->use[victim->owner];
  loser->lines--;
  c->held[partid_of[victim->owner]]--;
  victim->valid = 0;
  if (!victim->dirty) return;
  loser->lines_written++;
  write_below(c, victim->tag << c->set_bits | (line & (c->sets - 1)), victim->owner, 0);
}

static inline void fill(struct cache *c, struct line *at, uint32_t line, uint32_t owner, int dirty) {
  c->use[owner].lines++;
  c->held[partid_of[owner]]++;
  *at = (struct line){
      .used = ++touches, .tag = line >> c->set_bits, .owner = (uint8_t)owner, .valid = 1, .dirty = (uint8_t)dirty};
}

static void demand(struct cache *c, uint32_t line, uint32_t owner, int write) {
  if (c->is_last) left_private = 1;
  struct use *use = &c->use[owner];
  use->accesses++;
  struct line *set = set_of(c, line), *found = find(c, set, line >> c->set_bits);
  if (found) {
    service_ns = c->latency_ns;
    found->used = ++touches;
    found->dirty |= write;
    return;
  }
  use->misses++;
  struct line *victim = choose_victim(c, set, partid_of[owner]);
  if (!victim && write) {
    use->lines_written++;
    write_below(c, line, owner, 1);
    return;
  }
  if (victim) evict(c, victim, line);
  use->lines_read++;
  read_below(c, line, owner);
  if (victim) fill(c, victim, line, owner, write);
}

static void write_back(struct cache *c, uint32_t line, uint32_t owner, int demanded) {
  if (c->is_last) left_private = 1;
  struct line *set = set_of(c, line), *found = find(c, set, line >> c->set_bits);
  if (found) {
    found->used = ++touches;
    found->dirty = 1;
  } else {
    struct line *victim = choose_victim(c, set, partid_of[owner]);
    if (!victim) {
      c->use[owner].lines_written++;
      write_below(c, line, owner, demanded);
      return;
    }
    evict(c, victim, line);
    fill(c, victim, line, owner, 1);
  }
  if (demanded) service_ns = c->latency_ns;
}

// --- Open and closed timing ---

static inline struct cache *entry_of(uint32_t requester) { return &l2[requester / 2]; }

static void __attribute__((noinline)) run_open(void) {
  for (uint32_t i = 0; i < record_count; i++) {
    const struct record *r = &records[i];
    demand(entry_of(r->requester), r->line, r->requester, r->write);
  }
}

static void issue(struct stream *s) {
  const struct record *r = &s->records[s->next++];
  issuer = r->requester;
  left_private = 0;
  is_held = 0;
  demand(entry_of(r->requester), r->line, r->requester, r->write);
  if (!is_held) served(r->requester, service_ns);
  if (left_private) s->budget--;
  s->due = s->next < s->count ? now + s->records[s->next].gap : UINT64_MAX;
}

/** Of those with budget the one that can issue first, before `end`; of equal ones the first. */
static inline struct stream *next_stream(uint64_t begin, uint64_t end) {
  struct stream *first = NULL;
  uint64_t earliest = end;
  for (uint32_t r = 0; r < labels; r++) {
    struct stream *s = &streams[r];
    if (!s->budget) continue;
    uint64_t at = s->due > begin ? s->due : begin;
    if (at >= earliest || s->due == UINT64_MAX) continue;
    earliest = at;
    first = s;
  }
  if (first) now = earliest;
  return first;
}

static int anything_waits(void) {
  for (uint32_t n = 0; n < channel_count; n++)
    if (channels[n].waiting) return 1;
  return 0;
}

static void __attribute__((noinline)) run_closed(void) {
  uint64_t start = quantum * QUANTUM_NS;
  for (uint32_t r = 0; r < labels; r++) {
    struct stream *s = &streams[r];
    s->next = 0;
    s->due = s->count ? start + s->records[0].gap : UINT64_MAX;
  }
  closed = 1;
  for (;;) {
    if (!anything_waits()) {
      uint64_t due = UINT64_MAX;
      for (uint32_t r = 0; r < labels; r++) due = smaller(due, streams[r].due);
      if (due == UINT64_MAX) break;
      if (due / QUANTUM_NS > quantum) quantum = due / QUANTUM_NS;
    }
    uint64_t begin = quantum * QUANTUM_NS;
    now = begin;
    for (uint32_t n = 0; n < channel_count; n++) pass_edge(&channels[n]);
    for (uint32_t r = 0; r < labels; r++) streams[r].budget = (uint32_t)less(outstanding, streams[r].waiting);
    for (struct stream *s; (s = next_stream(begin, begin + QUANTUM_NS));) issue(s);
    quantum++;
  }
  closed = 0;
}

// --- The turn ---

static uint32_t add_cache(uint32_t h, const struct cache *c) {
  for (uint32_t o = 0; o < labels; o++) {
    const struct use *u = &c->use[o];
    h = hash_add64(h, u->accesses);
    h = hash_add64(h, u->misses);
    h = hash_add64(h, (uint64_t)u->lines * LINE);
    h = hash_add64(h, (u->lines_read + u->lines_written) * LINE);
  }
  return h;
}

static uint32_t turn(const char *contestant, uint64_t *ns) {
  uint64_t start = now_ns();
  if (strcmp(contestant, "closed") == 0) run_closed();
  else run_open();
  *ns = now_ns() - start;
  uint32_t h = mix(0);
  for (uint32_t n = 0; n < cpus; n++) h = add_cache(h, &l2[n]);
  for (uint32_t n = 0; n < slices; n++) h = add_cache(h, &l3[n]);
  for (uint32_t n = 0; n < channel_count; n++)
    for (uint32_t o = 0; o < labels; o++) h = hash_add64(h, channels[n].bytes[o][0] + channels[n].bytes[o][1]);
  for (uint32_t o = 0; o < labels; o++) {
    h = hash_add64(h, latencies[o].count);
    h = hash_add64(h, latencies[o].sum);
  }
  return hash_add64(h, quantum);
}

static void make_cache(struct cache *c, uint32_t sets, uint32_t ways, uint32_t latency_ns, int is_last) {
  c->sets = sets;
  while (1u << c->set_bits < sets) c->set_bits++;
  c->ways = ways;
  c->latency_ns = latency_ns;
  c->is_last = is_last;
  c->lines = must_alloc((size_t)sets * ways * sizeof *c->lines);
}

static void generate(uint32_t seed, uint32_t space, double span, uint32_t longest_gap) {
  records = must_alloc(record_count * sizeof *records);
  for (uint32_t i = 0; i < record_count; i++) {
    uint32_t who = draw(seed, i, 1) % labels;
    records[i] = (struct record){
        .line = who * space + (zipf_rank(draw(seed, i, 0), span) * 0x9e3779b1u & (space - 1)),
        .requester = (uint8_t)who,
        .write = (draw(seed, i, 2) & 3) == 0,
        .gap = (uint16_t)(1 + draw(seed, i, 3) % longest_gap),
    };
    streams[who].count++;
  }
  // The same by requester.
  for (uint32_t r = 0; r < labels; r++) streams[r].records = must_alloc(streams[r].count * sizeof *records);
  for (uint32_t i = 0; i < record_count; i++) {
    struct stream *s = &streams[records[i].requester];
    s->records[s->next++] = records[i];
  }
}

int main(int argc, char **argv) {
  record_count = argument(argc, argv, 1);
  cpus = argument(argc, argv, 6);
  slices = argument(argc, argv, 9);
  channel_count = argument(argc, argv, 12);
  channel_bytes = argument(argc, argv, 13);
  outstanding = argument(argc, argv, 14);
  partids = argument(argc, argv, 15);
  labels = partids * PMGS;
  if (partids > MAX_PARTIDS || cpus > MAX_CPUS || slices > MAX_SLICES || channel_count > MAX_CHANNELS) return 1;
  for (uint32_t o = 0; o < labels; o++) partid_of[o] = (uint8_t)(o % partids);
  for (uint32_t n = 0; n < cpus; n++) make_cache(&l2[n], argument(argc, argv, 7), argument(argc, argv, 8), L2_NS, 0);
  for (uint32_t n = 0; n < slices; n++) make_cache(&l3[n], argument(argc, argv, 10), argument(argc, argv, 11), L3_NS, 1);
  for (uint32_t n = 0; n < channel_count; n++) channels[n].quantum = UINT64_MAX;
  for (uint32_t p = 0; p < partids; p++) {
    int at = 16 + (int)p * 6;
    for (uint32_t n = 0; n < cpus; n++) {
      l2[n].portions[p] = argument(argc, argv, at);
      l2[n].limit[p] = UINT32_MAX;
    }
    for (uint32_t n = 0; n < slices; n++) {
      l3[n].portions[p] = argument(argc, argv, at + 1);
      l3[n].limit[p] = argument(argc, argv, at + 2);
    }
    for (uint32_t n = 0; n < channel_count; n++) {
      struct share *s = &channels[n].shares[p];
      s->max = argument(argc, argv, at + 3);
      s->limited = s->max != STEPS - 1;
      s->hard = (int)argument(argc, argv, at + 4);
      s->min = argument(argc, argv, at + 5);
    }
  }
  generate(argument(argc, argv, 2), argument(argc, argv, 3), strtod(argv[4], NULL), argument(argc, argv, 5));
  return serve_turns(turn);
}
