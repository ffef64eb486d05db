// Stands in until the queue is there.
import type { Engine } from "../engine.ts";
export class QueueEngine implements Engine {
  constructor(readonly options: { url: string; tool: string; dashboard?: number }) {}
  async run(): Promise<void> {
    throw new Error("not there yet");
  }
}
