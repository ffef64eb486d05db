// A tree of text files in memory, and how a kernel reads the text that is written to them.

export { type Bits, formatBitmapList, type ListRules, parseBitmapList } from "./bitmap-list.ts";
export { fromByteString, toByteString, toBytes } from "./bytes.ts";
export { type Caller, ROOT } from "./caller.ts";
export {
  type Attributes,
  Directory,
  type FileContent,
  pathOf,
  type Stat,
  statOf,
  TextFile,
  type TreeNode,
} from "./node.ts";
export { type DirectoryOperations, NAME_MAX, NodeCalls } from "./node-calls.ts";
export { parseBool, parseInt32, parseUnsigned } from "./numbers.ts";
export { type Access, OpenFile } from "./open-file.ts";
export { commandOf, cut, trim, untilNul } from "./text.ts";
export { Tree, type TreeOptions } from "./tree.ts";
