// What sweeps need that go to a queue: libraries that are installed beside this package by those who want them.

import { queueLibraries } from "../../sweep/index.ts";
import { type Check, missing, ok } from "./check.ts";

export const queue: Check = {
  name: "BullMQ",
  for: "mpam sweep --queue, mpam worker",
  look: () =>
    queueLibraries().then(
      () => ok("with ioredis"),
      () => missing("no bullmq or no ioredis", "npm install bullmq ioredis, beside mpam-emulator"),
    ),
};
