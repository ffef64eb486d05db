// The page: starts the engine and shows it.

import { render } from "preact";
import { App } from "./app.tsx";
import { startEngine } from "./engine/client.ts";
import "./style/page.css";

const engine = startEngine((why) => {
  document.body.dataset.failed = why;
});
(window as unknown as { engine: unknown }).engine = engine;
render(<App engine={engine} />, document.getElementById("page") as HTMLElement);
