// Files that people write, in YAML or JSON: quantities, keys and values, and problems with their places.

export { readDocument } from "./document.ts";
export { choiceForm, cpusForm, type JsonForm, numberForm, rateForm, sizeForm } from "./json-forms.ts";
export { inRange, integer, list, map, mapOf, oneOf, size, value } from "./keys.ts";
export { nearest } from "./nearest.ts";
export { choice, given, number, seedFrom, UsageError, whole } from "./option.ts";
export { at, type Path, type Report } from "./path.ts";
export { type Problem, WrittenError } from "./problem.ts";
export {
  nameCpus,
  readCount,
  readCpus,
  readDuration,
  readNumber,
  readPercent,
  readRate,
  readSize,
  showBytes,
  showCpus,
} from "./quantity.ts";
export { count, percent, plural, rate, showSize, table, time } from "./show.ts";
export { inOrder, objectAs, problemOf, type Written, withoutEchoes } from "./source.ts";
