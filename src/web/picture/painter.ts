// Cells to pixels: one row a set, one column a way; what has just changed its owner is bright for some frames.

import { DIRTY, type Frame, type FrameRequest } from "../engine/protocol.ts";
import { FADE } from "../palette.ts";

export interface Spot {
  readonly row: number;
  readonly way: number;
}

export class Painter {
  readonly #small = document.createElement("canvas");
  #fresh: Uint8Array = new Uint8Array(0);
  #before: Uint8Array = new Uint8Array(0);
  #asked = "";
  #last: { readonly frame: Frame; readonly request: FrameRequest } | undefined;

  constructor(private readonly canvas: HTMLCanvasElement) {}

  /** @param glows Whether changes are to be seen as they happen. */
  draw(frame: Frame, request: FrameRequest, pixels: Uint32Array, gap: string, glows: boolean, spot?: Spot): void {
    this.#last = { frame, request };
    const { ways, cells } = frame;
    const rows = cells.length / ways;
    if (rows === 0) return;
    this.#age(cells, JSON.stringify(request), glows);
    if (this.#small.width !== ways || this.#small.height !== rows) {
      this.#small.width = ways;
      this.#small.height = rows;
    }
    const small = this.#small.getContext("2d") as CanvasRenderingContext2D;
    const image = small.createImageData(ways, rows);
    const out = new Uint32Array(image.data.buffer);
    const fresh = this.#fresh;
    for (let i = 0; i < cells.length; i++) {
      out[i] = pixels[(cells[i] as number) * FADE + (fresh[i] as number)] as number;
    }
    small.putImageData(image, 0, 0);
    this.#enlarge(rows, ways, gap, spot);
  }

  /** The last frame once more, for a spot that has moved. */
  redraw(pixels: Uint32Array, gap: string, spot?: Spot): void {
    if (this.#last) this.draw(this.#last.frame, this.#last.request, pixels, gap, false, spot);
  }

  #age(cells: Uint8Array, asked: string, glows: boolean): void {
    if (asked !== this.#asked || this.#before.length !== cells.length) {
      this.#asked = asked;
      this.#fresh = new Uint8Array(cells.length);
    } else if (glows) {
      const [fresh, before] = [this.#fresh, this.#before];
      for (let i = 0; i < cells.length; i++) {
        const has = (cells[i] as number) & ~DIRTY;
        const had = (before[i] as number) & ~DIRTY;
        if (has !== had) fresh[i] = FADE - 1;
        else if ((fresh[i] as number) > 0) fresh[i] = (fresh[i] as number) - 1;
      }
    } else {
      this.#fresh.fill(0);
    }
    this.#before = cells;
  }

  #enlarge(rows: number, ways: number, gap: string, spot: Spot | undefined): void {
    const { canvas } = this;
    const ratio = devicePixelRatio;
    const { clientWidth, clientHeight } = canvas;
    const [width, height] = [Math.round(clientWidth * ratio), Math.round(clientHeight * ratio)];
    if (canvas.width !== width || canvas.height !== height) {
      canvas.width = width;
      canvas.height = height;
    }
    const context = canvas.getContext("2d") as CanvasRenderingContext2D;
    context.imageSmoothingEnabled = false;
    context.drawImage(this.#small, 0, 0, width, height);
    context.fillStyle = gap;
    const thin = Math.max(1, Math.round(ratio));
    if (width / ways > 6) {
      for (let way = 1; way < ways; way++) {
        context.fillRect(Math.round((way * width) / ways) - thin, 0, 2 * thin, height);
      }
    }
    if (height / rows > 6 * ratio) {
      for (let row = 1; row < rows; row++) context.fillRect(0, Math.round((row * height) / rows), width, thin);
    }
    if (spot) {
      const [w, h] = [width / ways, height / rows];
      context.lineWidth = 2 * ratio;
      // Two lines, so that one of them is seen on any colour.
      for (const [style, out] of [
        ["#ffffff", 3],
        ["#000000", 1],
      ] as const) {
        context.strokeStyle = style;
        context.strokeRect(
          spot.way * w - out * ratio,
          spot.row * h - out * ratio,
          w + 2 * out * ratio,
          h + 2 * out * ratio,
        );
      }
    }
  }
}
