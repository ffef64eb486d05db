/* SPDX-License-Identifier: Apache-2.0
 *
 * Interrupts on their way from the module to callbacks, and the level of lines.
 */

#include "internal.h"

#include <stdlib.h>

void mpam_set_irq_callback(mpam_t *m, mpam_irq_fn fn, void *opaque) {
  m->irq = fn;
  m->irq_opaque = opaque;
}

void mpam_set_msi_callback(mpam_t *m, mpam_interrupt_fn fn, void *opaque) {
  m->msi = fn;
  m->msi_opaque = opaque;
}

void mpam_set_interrupt_callback(mpam_t *m, mpam_interrupt_fn fn, void *opaque) {
  m->told = fn;
  m->told_opaque = opaque;
}

/* Whether an MSC holds its wire of a kind up. */
static bool is_up(const mpam_t *m, uint32_t msc, uint32_t kind) {
  return m->wires[msc] >> kind & 1;
}

static uint32_t line_of(const mpam_t *m, uint32_t msc, uint32_t kind) {
  const mpam_msc_info *info = &m->board->mscs[msc];
  return kind == MPAM_EVENT_ERROR ? info->error_line : info->overflow_line;
}

int mpam_line_level(const mpam_t *m, uint32_t line) {
  if (line == 0) return 0;
  for (uint32_t msc = 0; msc < m->board->msc_count; msc++) {
    for (uint32_t kind = MPAM_EVENT_ERROR; kind <= MPAM_EVENT_OVERFLOW; kind++) {
      if (is_up(m, msc, kind) && line_of(m, msc, kind) == line) return 1;
    }
  }
  return 0;
}

/* The module's queue has no more: assembly/events.ts. */
#define MOST_EVENTS (12 * MPAM_WASM_MAX_MSCS)

/* The event as the module has it. */
static mpam_interrupt event_at(mpam_t *m, uint32_t i) {
  uint32_t label = MPAM_CALL(m, eventMpam, i);
  mpam_interrupt event = {
      .kind = MPAM_CALL(m, eventKind, i),
      .msc = MPAM_CALL(m, eventMsc, i),
      .space = MPAM_CALL(m, eventSpace, i),
      .level = MPAM_CALL(m, eventLevel, i),
      .delivery = MPAM_CALL(m, eventDelivery, i),
      .count = MPAM_CALL(m, eventRepeats, i),
      .time = MPAM_CALL(m, eventTime, i),
      .record = MPAM_CALL(m, eventRecord, i),
      .address = MPAM_CALL(m, eventAddress, i),
      .data = MPAM_CALL(m, eventData, i),
      .attributes = MPAM_CALL(m, eventAttributes, i),
      .partid = label & 0xffff,
      .pmg = label >> 16 & 0xff,
  };
  return event;
}

int mpam_wait_for(mpam_t *m, size_t n) {
  if (m->next == m->count) m->next = m->count = 0;
  if (m->count + n > m->room) {
    size_t room = 2 * (m->count + n);
    mpam_interrupt *events = realloc(m->events, room * sizeof *events);
    if (!events) return mpam_refuse(m, ENOMEM, "no memory for %zu interrupts", n);
    m->events = events;
    m->room = room;
  }
  return 0;
}

/* To the end of what waits. False for what no MSC of the board raises. */
static bool put(mpam_t *m, mpam_interrupt event) {
  if (event.msc >= m->board->msc_count || event.kind > MPAM_EVENT_OVERFLOW) return false;
  event.line = line_of(m, event.msc, event.kind);
  m->events[m->count++] = event;
  return true;
}

/* Moves what the module has raised to the end of what waits: its own queue must not fill while callbacks run. */
static int take(mpam_t *m) {
  uint32_t n = 0;
  volatile bool sound = true;
  int error;
  MPAM_GUARDED(m, n = MPAM_CALL(m, eventCount));
  if (n == 0) return 0;
  if (n > MOST_EVENTS) return mpam_broke(m, MPAM_NONSENSE);
  error = mpam_wait_for(m, n);
  if (error) return error;
  MPAM_GUARDED(m, {
    for (uint32_t i = 0; i < n && sound; i++) sound = put(m, event_at(m, i));
    MPAM_CALL(m, clearEvents);
  });
  return sound ? 0 : mpam_broke(m, MPAM_NONSENSE);
}

static void tell(mpam_t *m, mpam_interrupt event) {
  int before = mpam_line_level(m, event.line);
  if (event.delivery == MPAM_DELIVERY_WIRE) {
    uint8_t bit = (uint8_t)(1u << event.kind);
    m->wires[event.msc] = (uint8_t)(event.level ? m->wires[event.msc] | bit : m->wires[event.msc] & ~bit);
  }
  if (m->told) m->told(m->told_opaque, &event);
  if (event.delivery == MPAM_DELIVERY_MSI) {
    if (m->msi) m->msi(m->msi_opaque, &event);
  } else if (m->irq && event.line != 0) {
    int after = mpam_line_level(m, event.line);
    if (event.delivery == MPAM_DELIVERY_PULSE) {
      m->irq(m->irq_opaque, event.line, 1);
      m->irq(m->irq_opaque, event.line, after);
    } else if (before != after) m->irq(m->irq_opaque, event.line, after);
  }
}

void mpam_drop_wires(mpam_t *m) {
  for (uint32_t msc = 0; msc < m->board->msc_count; msc++) {
    uint32_t space = 0;
    while (space < MPAM_SPACES - 1 && !(m->board->mscs[msc].spaces >> space & 1)) space++;
    for (uint32_t kind = MPAM_EVENT_ERROR; kind <= MPAM_EVENT_OVERFLOW; kind++) {
      if (!is_up(m, msc, kind)) continue;
      put(m, (mpam_interrupt){.kind = kind, .msc = msc, .space = space, .count = 1, .time = mpam_now(m)});
    }
  }
}

int mpam_deliver(mpam_t *m) {
  int error = take(m);
  /* What a callback raises is told by whoever tells already. */
  if (error || m->telling) return error;
  m->telling = true;
  while (m->next < m->count) tell(m, m->events[m->next++]);
  m->telling = false;
  return 0;
}
