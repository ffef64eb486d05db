// Values that stand in more than one place of a platform file.

import * as v from "valibot";
import { choiceForm, inRange, integer, numberForm, oneOf, readNumber, value } from "../written/index.ts";
import { SPACES } from "./types.ts";

export const yesNo = value(
  "true or false is allowed",
  (input) => (typeof input === "boolean" ? input : undefined),
  choiceForm(true, false),
);
export const flag = v.optional(yesNo);

export const limits = {
  partidMax: integer(0, 65_535, "the largest PARTID"),
  pmgMax: integer(0, 255, "the largest PMG"),
};

export const space = oneOf(SPACES, "ns, s, rt or rl is allowed");

export const address = value(
  "a physical address below 2^52 such as 0x1_4100_0000 is allowed",
  inRange(readNumber, 0, 2 ** 52 - 1),
  numberForm(0, 2 ** 52 - 1),
);
