export { Traces } from "./traces.ts";
