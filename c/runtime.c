/* SPDX-License-Identifier: Apache-2.0 */

#include "runtime.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#if WASM_RT_MEMCHECK_SIGNAL_HANDLER
#error "compile with -DWASM_RT_MEMCHECK_SIGNAL_HANDLER=0: a device leaves SIGSEGV to the program that it is in"
#endif

#define PAGE UINT32_C(65536)

_Thread_local jmp_buf *mpam_trap_target;

void wasm_rt_trap(wasm_rt_trap_t why) {
  if (mpam_trap_target) longjmp(*mpam_trap_target, (int)why);
  /* Only mpam.c calls the module, and always with a way out. */
  fputs("mpam: a trap outside of a call\n", stderr);
  abort();
}

bool wasm_rt_is_initialized(void) {
  return true;
}

/* The module calls nothing through a table: types need no numbers. */
uint32_t wasm_rt_register_func_type(uint32_t params, uint32_t results, ...) {
  (void)params;
  (void)results;
  return 0;
}

bool mpam_memory_open(wasm_rt_memory_t *memory, uint64_t bytes) {
  uint64_t pages = (bytes + PAGE - 1) / PAGE;
  /* Its size is a word: all of 4 GiB is one too many. */
  if (pages == 0 || pages >= PAGE) return false;
  memory->data = calloc((size_t)pages, PAGE);
  memory->pages = 1;
  memory->max_pages = (uint32_t)pages;
  memory->size = PAGE;
  return memory->data != NULL;
}

void mpam_memory_clear(wasm_rt_memory_t *memory) {
  memset(memory->data, 0, memory->size);
  memory->pages = 1;
  memory->size = PAGE;
}

void mpam_memory_close(wasm_rt_memory_t *memory) {
  free(memory->data);
  memory->data = NULL;
}

/* The memory is there from the start: growing moves nothing. */
uint32_t wasm_rt_grow_memory(wasm_rt_memory_t *memory, uint32_t delta) {
  uint32_t before = memory->pages;
  if (delta > memory->max_pages - before) return UINT32_MAX;
  memory->pages = before + delta;
  memory->size = memory->pages * PAGE;
  return before;
}
