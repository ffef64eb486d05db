/* SPDX-License-Identifier: Apache-2.0
 *
 * What the translated module asks of its surroundings, and no more: memory, and a way out of a trap. In place of the runtime
 * that comes with wabt, which keeps where a trap goes in a variable of the whole process and ends the process in places.
 */

#ifndef MPAM_RUNTIME_H
#define MPAM_RUNTIME_H

#include <setjmp.h>
#include <stdbool.h>
#include <stdint.h>

#include <wasm-rt.h>

/* Where a trap on this thread goes; NULL outside the module. */
extern _Thread_local jmp_buf *mpam_trap_target;

/* One page of a memory that can grow to `bytes`, zeroed. False without memory for it. Cleared, it is as it was then. */
bool mpam_memory_open(wasm_rt_memory_t *memory, uint64_t bytes);
void mpam_memory_clear(wasm_rt_memory_t *memory);
void mpam_memory_close(wasm_rt_memory_t *memory);

#endif
