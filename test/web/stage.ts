// What a scene acts on: one page in Chromium, with what is looked at again and again.

import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import axe from "axe-core";
import type { Page } from "playwright-core";

/** For the page to show what is waited for, ms. */
const PATIENCE_MS = 30_000;

export interface Scene {
  readonly name: string;
  /** With shared memory and without: which of them, in their order; default without. */
  readonly isolated?: readonly boolean[];
  /** Does what a visitor does, and throws where the page does not do what it should. Answers what is to be told, one line each. */
  act(stage: Stage): Promise<readonly string[]>;
}

export class Stage {
  /** Errors of the page itself, and what it could not load. */
  readonly faults: string[] = [];

  constructor(
    readonly page: Page,
    private readonly url: string,
    private readonly shots: string | undefined,
  ) {
    page.setDefaultTimeout(PATIENCE_MS);
    page.on("pageerror", ({ message }) => this.faults.push(message));
    page.on("console", (message) => {
      if (message.type() === "error") this.faults.push(message.text());
    });
  }

  /** Opens the page, and waits until the machine runs. `hash`: behind the `#` of its address. */
  async open(hash = ""): Promise<void> {
    await this.page.goto(`${this.url}${hash}`);
    await this.until("the machine runs", async () => (await this.figure("time")) > 0);
  }

  /** A number that the page shows, of a group where one is named. */
  async figure(name: string, group?: string): Promise<number> {
    const of = group === undefined ? "" : `[data-group="${group}"] `;
    const text = await this.page.locator(`${of}[data-figure="${name}"]`).first().getAttribute("data-value");
    return Number(text);
  }

  async until(what: string, holds: () => Promise<boolean>): Promise<void> {
    const end = performance.now() + PATIENCE_MS;
    while (!(await holds())) {
      if (performance.now() > end) throw new Error(`not seen within ${PATIENCE_MS / 1000} s: ${what}`);
      await this.page.waitForTimeout(50);
    }
  }

  /** Violations that axe-core finds, one line each. */
  async violations(): Promise<string[]> {
    // The policy of the page forbids scripts of others; what is evaluated is no script of the page.
    await this.page.evaluate(axe.source);
    const { violations } = await this.page.evaluate(() =>
      (globalThis as unknown as { axe: typeof axe }).axe.run(document),
    );
    return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 160)).join(" | ")}`);
  }

  /** A picture of the page, where pictures are wanted. */
  async shot(name: string, fullPage = false): Promise<void> {
    if (this.shots === undefined) return;
    await mkdir(this.shots, { recursive: true });
    await this.page.screenshot({ path: join(this.shots, `${name}.png`), fullPage });
  }
}
