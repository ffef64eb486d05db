// After a single step: overflows that it has brought about take effect before the next.

import { followLinks } from "../monitor/capture";
import { root } from "../root";
import { slack, spend } from "./slack";

export function settle(): void {
  const r = root();
  r.moves++;
  spend(r.most);
  slack(<u64>r.most + 1);
  followLinks();
}
