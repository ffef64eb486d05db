// The picture of the rooms as rules over import lines: who may read whom, and by which door.

import { dirname, posix } from "node:path";
import ts from "typescript";

/** Rows of the house from the ground up; imports point down. Rooms of one row do not know each other. */
export const ROWS: readonly (readonly string[])[] = [
  ["assembly"],
  ["written"],
  ["kernel"],
  ["hypervisor"],
  ["machine", "platform"],
  ["trace", "firmware", "meaning"],
  ["bus"],
  ["driver"],
  ["resctrl", "tree"],
  ["fs", "android", "report"],
  ["host", "script"],
  ["live", "session"],
  ["fuse", "serve", "web", "sweep"],
  ["cli", "testing"],
  // What exports mention, the front door of the package, and the same with the hardware inside.
  ["types.ts"],
  ["index.ts", "inline.ts"],
];

/** Neighbours that may be read all the same: a machine is built from a platform. */
const SIDEWAYS: readonly string[] = ["machine -> platform", "inline.ts -> index.ts"];

/** Facts without state, which everyone may read. */
const FACTS = ["src/errno/", "src/random/", "assembly/regs/"];

export interface ImportLine {
  readonly specifier: string;
  readonly line: number;
  /** Gone when the file is compiled. */
  readonly typeOnly: boolean;
  /** Loaded when the line runs, not before. */
  readonly lazy: boolean;
}

export interface SourceFile {
  /** From the root of the repository, with slashes. */
  readonly path: string;
  readonly text: string;
}

const known = new WeakMap<SourceFile, ImportLine[]>();

/** Every import of a file, however it is written: import, export from, import(), a type's import(), new URL(). */
export function importsOf(source: SourceFile): ImportLine[] {
  const found = known.get(source) ?? parsed(source);
  known.set(source, found);
  return found;
}

function parsed({ path, text }: SourceFile): ImportLine[] {
  const file = ts.createSourceFile(path, text, ts.ScriptTarget.ES2022, true);
  const found: ImportLine[] = [];
  const add = (node: ts.Node | undefined, typeOnly: boolean, lazy: boolean) => {
    if (!node || !ts.isStringLiteralLike(node)) return;
    const line = file.getLineAndCharacterOfPosition(node.getStart(file)).line + 1;
    found.push({ specifier: node.text, line, typeOnly, lazy });
  };
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node)) add(node.moduleSpecifier, onlyTypes(node.importClause), false);
    else if (ts.isExportDeclaration(node)) add(node.moduleSpecifier, onlyTypes(node), false);
    else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) add(node.argument.literal, true, true);
    else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
      add(node.arguments[0], false, true);
    } else if (ts.isNewExpression(node) && node.expression.getText(file) === "URL") {
      const [name, base] = node.arguments ?? [];
      if (base?.getText(file) === "import.meta.url") add(name, false, true);
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  return found;
}

/** `import { type A }` is not enough: the import itself stays, for what the module does when loaded. */
function onlyTypes(node: ts.ImportClause | ts.ExportDeclaration | undefined): boolean {
  if (!node) return false;
  return ts.isExportDeclaration(node) ? node.isTypeOnly : node.phaseModifier === ts.SyntaxKind.TypeKeyword;
}

/** What is wrong with the imports of these files; one line each, none in a house in order. */
export function checkLayers(files: readonly SourceFile[]): string[] {
  const wrong: string[] = [];
  for (const file of files) {
    for (const line of importsOf(file)) {
      const fault = faultOf(file.path, line);
      if (fault) wrong.push(`${file.path}:${line.line}: ${fault}`);
    }
    if (isDoor(file.path) && !onlyReexports(file)) wrong.push(`${file.path}: an index.ts only re-exports`);
  }
  return wrong;
}

function faultOf(from: string, { specifier }: ImportLine): string | undefined {
  if (!specifier.startsWith(".")) {
    return from.startsWith("assembly/")
      ? `the hardware imports ${specifier}, and has nothing outside itself`
      : undefined;
  }
  const to = posix.normalize(posix.join(dirname(from), specifier));
  if (to.startsWith("..")) return `${specifier} leaves the repository`;
  if (to.startsWith("build/")) {
    // src/inline.ts is the one entry that carries the hardware as bytes.
    return from.startsWith("src/machine/") || from === "src/inline.ts" ? undefined : "only src/machine imports build/";
  }
  if (from.startsWith("src/") && !/\.(tsx?|css|wasm)$/.test(to)) return `${specifier} does not end in .ts`;
  if (to.startsWith("assembly/") && from.startsWith("assembly/")) {
    const leavesRegs = from.startsWith("assembly/regs/") && !to.startsWith("assembly/regs/");
    return leavesRegs ? "assembly/regs holds facts and imports nothing of the hardware" : undefined;
  }
  if (from.startsWith("assembly/")) return "the hardware imports software";
  if (FACTS.some((room) => to.startsWith(room))) return undefined;
  return roomFault(roomOf(from), roomOf(to), to);
}

function roomFault(from: string, to: string, path: string): string | undefined {
  if (from === to) return undefined;
  const [here, there] = [rowOf(from), rowOf(to)];
  if (here === undefined) return `${from} is no room of the picture`;
  if (there === undefined) return `${to} is no room of the picture`;
  if (FACTS.some((room) => room === `src/${from}/`)) return `${from} is read by everyone and reads nobody`;
  if (there > here) return `${from} imports ${to}, which is above it`;
  if (there === here && !SIDEWAYS.includes(`${from} -> ${to}`)) return `${from} imports ${to}, which is beside it`;
  if (to === "assembly") return `${from} imports the hardware; only assembly/regs is open`;
  const door = to.endsWith(".ts") ? `src/${to}` : `src/${to}/index.ts`;
  if (path !== door) return `${from} imports ${path}; the door is ${door}`;
  return undefined;
}

function roomOf(path: string): string {
  const [top, room] = path.split("/");
  return top === "src" ? (room ?? "") : (top ?? "");
}

function rowOf(room: string): number | undefined {
  if (FACTS.includes(`src/${room}/`)) return 0;
  const row = ROWS.findIndex((rooms) => rooms.includes(room));
  return row < 0 ? undefined : row;
}

function isDoor(path: string): boolean {
  return /^src\/([^/]+\/)?index\.ts$/.test(path) && !FACTS.some((room) => path.startsWith(room));
}

function onlyReexports({ path, text }: SourceFile): boolean {
  const file = ts.createSourceFile(path, text, ts.ScriptTarget.ES2022, true);
  return file.statements.every((statement) => ts.isExportDeclaration(statement) && statement.moduleSpecifier);
}

/** The node: modules that are loaded with `entry`, each with the file that names it. */
export function nodeModulesOf(entry: string, files: readonly SourceFile[]): string[] {
  const byPath = new Map(files.map((file) => [file.path, file]));
  const seen = new Set<string>();
  const named: string[] = [];
  const visit = (path: string): void => {
    const file = byPath.get(path);
    if (!file || seen.has(path)) return;
    seen.add(path);
    for (const { specifier, typeOnly, lazy } of importsOf(file)) {
      if (typeOnly || lazy) continue;
      if (specifier.startsWith("node:")) named.push(`${path} -> ${specifier}`);
      else if (specifier.startsWith(".")) visit(posix.normalize(posix.join(dirname(path), specifier)));
    }
  };
  visit(entry);
  return named;
}
