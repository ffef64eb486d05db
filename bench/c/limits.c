// What the machine can do at best: reading memory in order, and independent random loads within a footprint.
//   sequential  sums 128 MiB; one operation is one byte
//   random      loads one word of a randomly chosen 64-byte line; one operation is one load
// arguments: bytes of the footprint of the random loads, loads per turn
#include "twin.h"

enum { SEQUENTIAL_BYTES = 128 << 20 };

static uint64_t *words;
static uint32_t lines, loads;
static uint64_t sink;

static uint32_t turn(const char *contestant, uint64_t *ns) {
  uint64_t sum = 0;
  uint64_t start = now_ns();
  if (strcmp(contestant, "sequential") == 0) {
    for (uint32_t i = 0; i < SEQUENTIAL_BYTES / 8; i++) sum += words[i];
  } else {
    // An additive generator: its step costs two cycles and no load waits for another.
    uint32_t x = 1;
    for (uint32_t i = 0; i < loads; i++) {
      x += 0x9e3779b1u;
      sum += words[(size_t)(((uint64_t)(x ^ x >> 15) * lines) >> 32) * 8];
    }
  }
  *ns = now_ns() - start;
  sink += sum;
  return 0;
}

int main(int argc, char **argv) {
  uint32_t bytes = argument(argc, argv, 1);
  loads = argument(argc, argv, 2);
  lines = bytes / 64;
  words = must_alloc(bytes > SEQUENTIAL_BYTES ? bytes : SEQUENTIAL_BYTES);
  int code = serve_turns(turn);
  return code + (sink == 1);
}
