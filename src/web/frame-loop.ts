// Frames from the worker to the screen: asked for when the screen is ready, never more than one on its way.

import { messageOf } from "../errno/index.ts";
import type { Frame, FrameRequest } from "./engine/protocol.ts";
import { isStill } from "./media.ts";
import type { PageState } from "./state.ts";

/** Figures change so often, and the charts; less motion is wanted: the picture as well. */
const FIGURES_MS = 250;

/** Without an answer for so long, something is wrong. */
const SILENT_MS = 10_000;

export interface FrameView {
  /** Which part of the cache to ask for; undefined: none. */
  request(): FrameRequest | undefined;
  draw(frame: Frame, request: FrameRequest): void;
}

export class FrameLoop {
  #view: FrameView | undefined;
  #asked = false;
  #frames = 0;
  #sinceMs = 0;
  #version = -1;
  #askedMs = 0;
  #isSilent = false;
  #drawnMs = 0;

  constructor(private readonly page: PageState) {}

  /** Frames go to this view from now on; the result ends that. */
  show(view: FrameView): () => void {
    this.#view = view;
    return () => {
      if (this.#view === view) this.#view = undefined;
    };
  }

  start(): void {
    const turn = (now: number) => {
      requestAnimationFrame(turn);
      if (this.#asked) this.#watch(now);
      else if (!isStill.value || now - this.#drawnMs >= FIGURES_MS) void this.#frame(now);
    };
    requestAnimationFrame(turn);
  }

  async #frame(now: number): Promise<void> {
    const { page } = this;
    const view = this.#view;
    const request = view?.request();
    if (!view || !request || !page.booted.value) return;
    this.#asked = true;
    this.#askedMs = now;
    try {
      const frame = await page.engine.frame(request);
      this.#drawnMs = now;
      if (this.#view === view) view.draw(frame, request);
      this.#frames++;
      if (now - this.#sinceMs >= FIGURES_MS) this.#figures(frame, now);
    } catch (error) {
      page.say(`The machine has failed: ${messageOf(error)}`, true);
    } finally {
      this.#asked = false;
    }
    if (this.#isSilent) {
      this.#isSilent = false;
      page.notice.value = undefined;
    }
  }

  /** A worker that has run out of memory ends without a word. */
  #watch(now: number): void {
    if (this.#isSilent || now - this.#askedMs < SILENT_MS) return;
    this.#isSilent = true;
    this.page.say(
      `The machine has not answered for ${SILENT_MS / 1000} s. It may be busy with a large file, or have run out of memory; then load the page anew.`,
      true,
    );
  }

  #figures(frame: Frame, now: number): void {
    const { page } = this;
    page.framesPerSecond.value = (this.#frames * 1000) / (now - this.#sinceMs);
    this.#frames = 0;
    this.#sinceMs = now;
    page.latest.value = frame;
    void page.refreshSeries();
    if (frame.groupsVersion !== this.#version) {
      this.#version = frame.groupsVersion;
      void page.refresh();
    }
  }
}
