// The page: starts the engine and shows it.

import { render } from "preact";
import { App } from "./app.tsx";
import { startEngine } from "./engine/client.ts";
import "./style/page.css";

const engine = startEngine((why) => {
  document.body.dataset.failed = why;
});
render(<App engine={engine} />, document.getElementById("page") as HTMLElement);
