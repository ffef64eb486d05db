// A tree of text files in memory.

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
export { type Access, OpenFile } from "./open-file.ts";
export { Tree, type TreeOptions } from "./tree.ts";
