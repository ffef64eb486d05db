// How fast model time goes in the page, on a wall that the test moves.

import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { Pacing } from "../../src/web/engine/pacing.ts";

class FakeClock {
  now = 0;
  nextDue = Number.POSITIVE_INFINITY;
  sleeping = false;
  settled = 0;

  async settle(): Promise<void> {
    this.settled++;
  }
}

let clock: FakeClock;
let pacing: Pacing;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
  clock = new FakeClock();
  pacing = new Pacing(clock, () => {});
});

afterEach(() => {
  vi.useRealTimers();
});

describe("model time", () => {
  test("stands until it is played, and when it is paused", () => {
    expect(pacing.until).toBe(0);
    pacing.speed = 0.001;
    pacing.play();
    vi.advanceTimersByTime(10);
    expect(pacing.until).toBe(10_000);
    clock.now = 7000;
    pacing.pause();
    vi.advanceTimersByTime(10);
    expect(pacing.until).toBe(7000);
  });

  test("goes on from where it is with another speed", () => {
    pacing.speed = 0.001;
    pacing.play();
    vi.advanceTimersByTime(10);
    clock.now = 10_000;
    pacing.speed = 0.1;
    vi.advanceTimersByTime(1);
    expect(pacing.until).toBe(110_000);
  });

  test("has no bound at full speed, but that of a step", () => {
    pacing.speed = "max";
    pacing.play();
    expect(pacing.until).toBe(Number.POSITIVE_INFINITY);
    clock.now = 500;
    pacing.play(1000);
    expect(pacing.until).toBe(1500);
  });

  test("goes as far as an operation waits for, though it is paused", () => {
    clock.sleeping = true;
    clock.nextDue = 5000;
    expect(pacing.until).toBe(5001);
  });
});

describe("a rest", () => {
  test("ends a step that has been made", async () => {
    pacing.speed = "max";
    pacing.play(1000);
    clock.now = 1000;
    const rest = pacing.rest(1001);
    await vi.advanceTimersByTimeAsync(8);
    await rest;
    expect(pacing.running).toBe(false);
  });

  test("waits while nothing is due, and ends at once when it is poked", async () => {
    pacing.speed = 0.001;
    pacing.play();
    let isOver = false;
    const rest = pacing.rest(1e9).then(() => {
      isOver = true;
    });
    await vi.advanceTimersByTimeAsync(1);
    expect(isOver).toBe(false);
    pacing.poke();
    await rest;
    expect(isOver).toBe(true);
  });

  test("gives up what cannot be made up for: a page that slept does not run after the clock", async () => {
    pacing.speed = 0.001;
    pacing.play();
    vi.advanceTimersByTime(60_000);
    expect(pacing.until).toBe(60_000_000);
    const rest = pacing.rest(10);
    await vi.advanceTimersByTimeAsync(8);
    await rest;
    expect(pacing.until).toBeLessThan(10_000);
  });

  test("gives the thread away every few milliseconds at full speed, and not each time", async () => {
    pacing.speed = "max";
    pacing.play();
    vi.advanceTimersByTime(100);
    for (let ms = 0; ms < 20; ms++) {
      await pacing.rest(5);
      vi.advanceTimersByTime(1);
    }
    expect(clock.settled).toBe(5);
  });
});
