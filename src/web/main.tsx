// The page: starts the engine and shows it.

import { render } from "preact";
import { App } from "./app.tsx";
import { startEngine } from "./engine/client.ts";
import { FrameLoop } from "./frame-loop.ts";
import { isStill } from "./media.ts";
import { openPage } from "./opening.ts";
import { PageState } from "./state.ts";
import "./style/page.css";

const engine = startEngine((why) => page.say(`The machine cannot run here: ${why}`, true));
const page = new PageState(engine);
const loop = new FrameLoop(page);
render(<App page={page} loop={loop} />, document.getElementById("page") as HTMLElement);
loop.start();
// It moves at once, unless the visitor has asked for little motion.
void openPage(page, !isStill.value);

// Nobody watches a page that is not seen.
document.addEventListener("visibilitychange", () => {
  if (page.playing.value) void (document.hidden ? engine.pause() : engine.play());
});
