// The worker: owns machine, driver and tree, and answers the page.

import { expose } from "comlink";
import { Session } from "./engine/session.ts";

expose(new Session());
