// What is acted out in the page, in this order.

import type { Scene } from "../stage.ts";
import { ACCESSIBLE } from "./accessible.ts";
import { ACCESSIBLE_PANELS } from "./accessible-panels.ts";
import { GROUPS } from "./groups.ts";
import { GUIDE } from "./guide.ts";
import { HOSTILE } from "./hostile.ts";
import { KEYS } from "./keys.ts";
import { LINK } from "./link.ts";
import { OWN } from "./own.ts";
import { PLAIN } from "./plain.ts";
import { PLATFORMS } from "./platforms.ts";
import { REGISTERS } from "./registers.ts";
import { SHELL } from "./shell.ts";
import { SILENT } from "./silent.ts";
import { SPEED } from "./speed.ts";
import { STORY } from "./story.ts";

export const SCENES: readonly Scene[] = [
  STORY,
  GUIDE,
  KEYS,
  GROUPS,
  OWN,
  HOSTILE,
  PLATFORMS,
  SHELL,
  REGISTERS,
  LINK,
  ACCESSIBLE,
  ACCESSIBLE_PANELS,
  SPEED,
  PLAIN,
  SILENT,
];
