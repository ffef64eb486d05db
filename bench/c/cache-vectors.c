// The cache of cache.c by hand with vectors. A set is one line of the host: 16 tags of 16 bits, 16 ages (0 newest, always
// a permutation; bit 7 is the dirty bit), 16 owners. An empty way has the tag 0xffff and the owner NOBODY, and is older
// than those in use, so it needs no valid bit. AVX-512 (BW, VL) where the machine has it, else AVX2, else absent.
// arguments: as cache.c
#include "cache-case.h"

#if defined(__AVX2__)
#include <immintrin.h>

enum { WAYS = 16, NOBODY = 0xff, DIRTY = 0x80, LOOK_AHEAD = 16 };

struct set {
  uint16_t tag[WAYS];
  uint8_t age[WAYS];
  uint8_t owner[WAYS];
} __attribute__((aligned(64)));

/** One line of the host. Lines held are those filled less those lost, so that a miss writes no more than it must. */
struct owner {
  uint64_t accesses, misses, lines_read, lines_written;
  uint64_t filled, lost;
  uint64_t limit; // most lines of its PARTID; UINT64_MAX: no limit
  uint32_t partid;
} __attribute__((aligned(64)));

static struct set *cache;
static struct owner owners[NOBODY + 1];
/** 0xff in the ways that an owner may fill. */
static uint8_t open_ways[MAX_OWNERS][WAYS] __attribute__((aligned(16)));

static inline __m128i ages_of(const struct set *set) { return _mm_load_si128((const __m128i *)set->age); }
static inline __m128i owners_of(const struct set *set) { return _mm_load_si128((const __m128i *)set->owner); }
static inline void put_ages(struct set *set, __m128i ages) { _mm_store_si128((__m128i *)set->age, ages); }
static inline __m128i all(uint8_t byte) { return _mm_set1_epi8((char)byte); }

#if defined(__AVX512BW__) && defined(__AVX512VL__)

/** A bit for each way with the tag. */
static inline uint32_t find(const struct set *set, uint32_t tag) {
  return _mm256_cmpeq_epi16_mask(_mm256_load_si256((const __m256i *)set->tag), _mm256_set1_epi16((short)tag));
}

/** Those younger than `age` age by one; the way gets `becomes`, which is age 0 and its dirty bit. */
static inline __m128i touched(__m128i ages, __m128i clean, uint32_t age, uint32_t way, uint32_t becomes) {
  __m128i aged = _mm_mask_add_epi8(ages, _mm_cmplt_epu8_mask(clean, all((uint8_t)age)), ages, all(1));
  return _mm_mask_set1_epi8(aged, (__mmask16)way, (char)becomes);
}

#else

static inline uint32_t find(const struct set *set, uint32_t tag) {
  __m256i same = _mm256_cmpeq_epi16(_mm256_load_si256((const __m256i *)set->tag), _mm256_set1_epi16((short)tag));
  return (uint32_t)_mm_movemask_epi8(_mm_packs_epi16(_mm256_castsi256_si128(same), _mm256_extracti128_si256(same, 1)));
}

static inline __m128i touched(__m128i ages, __m128i clean, uint32_t age, uint32_t way, uint32_t becomes) {
  const __m128i ways = _mm_setr_epi8(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
  __m128i aged = _mm_sub_epi8(ages, _mm_cmpgt_epi8(all((uint8_t)age), clean));
  __m128i mine = _mm_cmpeq_epi8(ways, all((uint8_t)__builtin_ctz(way)));
  return _mm_blendv_epi8(aged, all((uint8_t)becomes), mine);
}

#endif

/** 0xff in the ways of a set that a PARTID holds. */
static inline __m128i held_by(const struct set *set, uint32_t partid) {
  __m128i held = _mm_setzero_si128();
  for (uint32_t pmg = 0; pmg < PMGS; pmg++)
    held = _mm_or_si128(held, _mm_cmpeq_epi8(owners_of(set), all((uint8_t)(partid + pmg * partids))));
  return held;
}

/** Whether its PARTID holds as many lines as it may. */
static inline int at_limit(const struct owner *owner) {
  if (owner->limit == UINT64_MAX) return 0;
  uint64_t lines = 0;
  for (uint32_t pmg = 0; pmg < PMGS; pmg++) {
    const struct owner *one = &owners[owner->partid + pmg * partids];
    lines += one->filled - one->lost;
  }
  return lines >= owner->limit;
}

/** The greatest of 16 bytes: the least of their complements, the smaller of each pair first, then of eight words. */
static inline uint32_t greatest(__m128i bytes) {
  __m128i least = _mm_xor_si128(bytes, all(0xff));
  least = _mm_minpos_epu16(_mm_min_epu8(least, _mm_srli_epi16(least, 8)));
  return ~(uint32_t)_mm_cvtsi128_si32(least) & 0xff;
}

static void __attribute__((noinline)) replay(const uint32_t *line, const uint16_t *requester, const uint8_t *meta,
                                             uint32_t n) {
  struct set *const all_sets = cache;
  const uint32_t set_mask = sets - 1, shift = set_bits;
  for (uint32_t i = 0; i < n; i++) {
    _mm_prefetch((const char *)&all_sets[line[i + LOOK_AHEAD] & set_mask], _MM_HINT_T0);
    struct set *set = &all_sets[line[i] & set_mask];
    uint32_t tag = line[i] >> shift;
    uint32_t id = owner_of_requester[requester[i]];
    uint32_t dirty = (uint32_t)(meta[i] >> 6 == OP_WRITE) << 7;
    struct owner *owner = &owners[id];
    owner->accesses++;
    uint32_t hit = find(set, tag);
    __m128i ages = ages_of(set), clean = _mm_and_si128(ages, all(0x7f));
    if (hit) {
      uint32_t was = set->age[__builtin_ctz(hit)];
      put_ages(set, touched(ages, clean, was & 0x7f, hit, (was & DIRTY) | dirty));
      continue;
    }
    owner->misses++;
    // Older is more, and 0 is no candidate.
    __m128i candidates = _mm_and_si128(_mm_add_epi8(clean, all(1)), _mm_load_si128((const __m128i *)open_ways[id]));
    if (at_limit(owner)) candidates = _mm_and_si128(candidates, held_by(set, owner->partid));
    if (_mm_testz_si128(candidates, candidates)) {
      if (dirty) owner->lines_written++;
      else owner->lines_read++;
      continue;
    }
    uint32_t oldest = greatest(candidates);
    uint32_t victim = (uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(candidates, all((uint8_t)oldest)));
    uint32_t way = (uint32_t)__builtin_ctz(victim);
    // No branch on whether the victim was dirty.
    struct owner *loser = &owners[set->owner[way]];
    loser->lost++;
    loser->lines_written += set->age[way] >> 7;
    owner->lines_read++;
    owner->filled++;
    set->tag[way] = (uint16_t)tag;
    set->owner[way] = (uint8_t)id;
    put_ages(set, touched(ages, clean, oldest - 1, victim, dirty));
  }
}

static uint32_t turn(const char *contestant, uint64_t *ns) {
  (void)contestant;
  *ns = replay_all(replay);
  uint32_t h = mix(0);
  for (uint32_t o = 0; o < partids * PMGS; o++) {
    const struct owner *w = &owners[o];
    h = add_owner(h, w->accesses, w->misses, (uint32_t)(w->filled - w->lost), w->lines_read, w->lines_written);
  }
  return h;
}

int main(int argc, char **argv) {
  read_case(argc, argv);
  for (uint32_t o = 0; o < partids * PMGS; o++) {
    uint32_t p = partid_of_owner[o];
    uint32_t portions = argument(argc, argv, FIRST_SETTING + (int)p * 2);
    uint32_t limit = argument(argc, argv, FIRST_SETTING + 1 + (int)p * 2);
    owners[o].partid = p;
    owners[o].limit = limit < sets * WAYS ? limit : UINT64_MAX;
    for (int way = 0; way < WAYS; way++) open_ways[o][way] = portions >> way & 1 ? 0xff : 0;
  }
  cache = must_alloc(sets * sizeof *cache);
  for (uint32_t s = 0; s < sets; s++) {
    for (int way = 0; way < WAYS; way++) cache[s].age[way] = (uint8_t)(WAYS - 1 - way);
    memset(cache[s].tag, 0xff, sizeof cache[s].tag);
    memset(cache[s].owner, NOBODY, sizeof cache[s].owner);
  }
  return serve_turns(turn);
}

#else

int main(void) {
  printf("absent neither AVX-512 nor AVX2\n");
  return 0;
}

#endif
