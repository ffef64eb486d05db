// Makes mpam_wasm.h and mpam_regs.h of the hardware's sources: node c/generate-header.mjs [--check]
// Every export of the module with its types and its documentation, and the numbers that cross the boundary.

import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const ASSEMBLY = join(ROOT, "assembly");
const WIDTH = 118;

/** As each type of AssemblyScript crosses: in the header, and in WebAssembly. */
const TYPES = {
  u32: "uint32_t",
  usize: "mpam_wasm_pointer",
  bool: "mpam_wasm_bool",
  u64: "uint64_t",
  i64: "mpam_wasm_i64",
  f64: "double",
  void: "void",
};

/** Files whose exported constants cross, with what comes before their names. */
const CONSTANTS = [
  [
    "root.ts",
    "MPAM_WASM_",
    ["LAYOUT", "CALL_RECORDS", "LOOK_AHEAD", "MAX_MSCS", "MAX_RESOURCES", "NO_RESOURCE", "MAX_LEVEL"],
  ],
  ["pe/owners.ts", "MPAM_", ["SPACES"]],
  ["events.ts", "MPAM_", ["EVENT_ERROR", "EVENT_OVERFLOW", "DELIVERY_WIRE", "DELIVERY_PULSE", "DELIVERY_MSI"]],
  ["model/cache.ts", "MPAM_CACHE_", ["LRU", "PLRU", "NRU", "RANDOM", "INCLUSIVE", "RELABEL", "UPSTREAM"]],
  ["msc/batch.ts", "MPAM_WASM_", ["OPERATION_BYTES", "OPERATIONS"]],
  ["regs/options.ts", "MPAM_"],
  ["regs/pe-words.ts", "MPAM_"],
];

/** What no source has as a constant, because both sides have it as a field of a word (docs/boundary.md). */
const FIXED = `/* MPAM_SP: the address space of an access and of a label. */
#define MPAM_SP_SECURE 0u
#define MPAM_SP_NON_SECURE 1u
#define MPAM_SP_ROOT 2u
#define MPAM_SP_REALM 3u

/* Operations of records. */
#define MPAM_OP_READ 0u
#define MPAM_OP_WRITE 1u
#define MPAM_OP_FETCH 2u
#define MPAM_OP_PREFETCH 3u

/* The byte of a record: the operation, and its bytes (1 to 64) less one. */
#define MPAM_WASM_META(op, bytes) ((uint8_t)(((op) << 6) | ((bytes) - 1u)))

/* A label as a word: space [25:24], PMG [23:16], PARTID [15:0]. */
#define MPAM_WASM_LABEL(space, partid, pmg) (((uint32_t)(space) << 24) | ((uint32_t)(pmg) << 16) | (uint32_t)(partid))

/* The first word of a staged access. */
#define MPAM_WASM_OPERATION_SPACE_SHIFT 16
#define MPAM_WASM_OPERATION_WRITE 0x00040000u
#define MPAM_WASM_OPERATION_WIDE 0x00080000u

/* What runQuanta came back for. */
#define MPAM_WASM_QUANTA_DONE 0u
#define MPAM_WASM_QUANTA_DRY 1u
#define MPAM_WASM_QUANTA_STOPPED 2u
#define MPAM_WASM_QUANTA_INTERRUPTS 3u
`;

const parsed = new Map();

function parse(path) {
  const known = parsed.get(path);
  if (known) return known;
  const file = ts.createSourceFile(path, readFileSync(path, "utf8"), ts.ScriptTarget.ES2022, true);
  parsed.set(path, file);
  return file;
}

function isExported(node) {
  return node.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword) ?? false;
}

/** The documentation of a node: the last block that begins with two stars before it. */
function docOf(node, file) {
  const ranges = ts.getLeadingCommentRanges(file.text, node.getFullStart()) ?? [];
  const block = ranges.map(({ pos, end }) => file.text.slice(pos, end)).findLast((text) => text.startsWith("/**"));
  return block
    ?.slice(3, -2)
    .split("\n")
    .map((line) => line.replace(/^\s*\*? ?/, "").trim())
    .join(" ")
    .trim();
}

/** The text of a chapter: a line comment before a node, with an empty line behind it. */
function chapterOf(node, file) {
  const ranges = ts.getLeadingCommentRanges(file.text, node.getFullStart()) ?? [];
  const lines = ranges.map(({ pos, end }) => file.text.slice(pos, end)).filter((text) => text.startsWith("// "));
  return lines.map((line) => line.slice(3)).join(" ") || undefined;
}

/** All exports of the module: name, function, file and chapter, in the order of the door. */
function exportsOf(door) {
  const found = [];
  const file = parse(door);
  for (const statement of file.statements) {
    if (ts.isFunctionDeclaration(statement) && isExported(statement)) {
      found.push({ name: statement.name.text, node: statement, file, chapter: chapterOf(statement, file) });
    } else if (ts.isExportDeclaration(statement) && statement.moduleSpecifier) {
      const from = parse(`${join(dirname(door), statement.moduleSpecifier.text)}.ts`);
      statement.exportClause.elements.forEach(({ name, propertyName }, index) => {
        const own = (propertyName ?? name).text;
        const node = from.statements.find((one) => ts.isFunctionDeclaration(one) && one.name.text === own);
        if (!node) throw new Error(`${name.text} is no function of ${from.fileName}`);
        const chapter = index === 0 ? titleOf(from) : undefined;
        found.push({ name: name.text, node, file: from, chapter });
      });
    }
  }
  return found;
}

/** The sentence that a file opens with. */
function titleOf(file) {
  const lines = file.text.split("\n");
  const end = lines.findIndex((line) => !line.startsWith("//"));
  const all = lines
    .slice(0, end)
    .map((line) => line.slice(3))
    .join(" ");
  return `${relative(ASSEMBLY, file.fileName)}: ${all}`;
}

function typeOf(node, what) {
  const name = node?.getText() ?? "void";
  const type = TYPES[name];
  if (!type) throw new Error(`${what}: ${name} is no type that crosses`);
  return type;
}

function prototypeOf({ name, node, file }) {
  const parameters = node.parameters.map((one) => {
    const type = typeOf(one.type, `${name}, ${one.name.getText()}`);
    return { text: `${type} ${snake(one.name.getText())}`, doc: docOf(one, file) };
  });
  const result = typeOf(node.type, name);
  const list = ["MPAM_WASM_SELF", ...parameters.map(({ text }) => text)];
  const docs = parameters.flatMap(({ text, doc }) => (doc ? [`${text.split(" ").at(-1)}: ${doc}`] : []));
  const line = `${result} MPAM_WASM(${name})(${list.join(", ")});`;
  if (line.length <= WIDTH) return { line, docs };
  return { line: `${result} MPAM_WASM(${name})(${list.map((one) => `\n    ${one}`).join(",")});`, docs };
}

function snake(name) {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

function comment(text) {
  const lines = [""];
  for (const word of text.replaceAll("*/", "* /").split(/\s+/)) {
    if (lines.at(-1).length + word.length + 1 > WIDTH - 3) lines.push("");
    lines.push(`${lines.pop()} ${word}`);
  }
  return lines.length === 1 ? `/*${lines[0]} */` : `/*${lines.join("\n *")} */`;
}

/** Exported constants of a file as lines of a header; chapters are comments. */
function constantsOf(path, prefix, wanted) {
  const file = parse(join(ASSEMBLY, path));
  const values = new Map();
  const lines = [];
  for (const statement of file.statements) {
    if (!ts.isVariableStatement(statement)) continue;
    for (const { name, initializer } of statement.declarationList.declarations) {
      const value = wordOf(initializer, values);
      if (value === undefined) continue;
      values.set(name.text, value);
      if (!isExported(statement) || (wanted && !wanted.includes(name.text))) continue;
      const said = [chapterOf(statement, file), docOf(statement, file)].filter(Boolean).join(" ");
      if (said) lines.push(comment(said));
      lines.push(`#define ${prefix}${name.text} ${shown(value, prefix)}u`);
    }
  }
  const missing = (wanted ?? []).filter((name) => !values.has(name));
  if (missing.length > 0) throw new Error(`${path} has no constant ${missing.join(", ")}`);
  return lines;
}

/** Counts are decimal, bits and offsets are not. */
function shown(value, prefix) {
  return value < 10 || (prefix === "MPAM_WASM_" && value < 2 ** 20) ? `${value}` : `0x${value.toString(16)}`;
}

/** Numbers, names of numbers, and what bit operations make of them; undefined for anything else. */
function wordOf(node, values) {
  if (ts.isNumericLiteral(node)) return Number(node.text.replaceAll("_", ""));
  if (ts.isParenthesizedExpression(node)) return wordOf(node.expression, values);
  if (ts.isIdentifier(node)) return values.get(node.text);
  if (node.getText() === "u32.MAX_VALUE") return 0xffff_ffff;
  if (!ts.isBinaryExpression(node)) return undefined;
  const [a, b] = [wordOf(node.left, values), wordOf(node.right, values)];
  if (a === undefined || b === undefined) return undefined;
  switch (node.operatorToken.getText()) {
    case "|":
      return (a | b) >>> 0;
    case "<<":
      return (a << b) >>> 0;
    case ">>>":
      return a >>> b;
    case "*":
      return a * b;
    default:
      return undefined;
  }
}

function wasmHeader() {
  const exports = exportsOf(join(ASSEMBLY, "index.ts"));
  const bare = exports.filter(({ node, file }) => !docOf(node, file)).map(({ name }) => name);
  if (bare.length > 0) throw new Error(`exports without documentation: ${bare.join(", ")}`);
  const body = exports.flatMap((one) => {
    const { line, docs } = prototypeOf(one);
    const doc = [docOf(one.node, one.file), ...docs].join(" ");
    return [...(one.chapter ? [`/* --- ${comment(one.chapter).slice(3)}`, ""] : []), comment(doc), line, ""];
  });
  const constants = CONSTANTS.flatMap(([path, prefix, wanted]) => [
    `/* assembly/${path} */`,
    ...constantsOf(path, prefix, wanted),
    "",
  ]);
  return `/* SPDX-License-Identifier: Apache-2.0
 *
 * The exports of mpam.wasm. Made from assembly/index.ts by c/generate-header.mjs: change that, not this.
 *
 * For any host of WebAssembly. What crosses, and how:
 *
 *   here                 in the module  in JavaScript  meaning
 *   uint32_t             i32            number         a word; unsigned, so a host with signed ones converts
 *   mpam_wasm_pointer    i32            number         an offset into the module's memory
 *   mpam_wasm_bool       i32            boolean        0 or 1
 *   uint64_t             i64            bigint         time, ns; counts; unsigned as uint32_t
 *   mpam_wasm_i64        i64            bigint         signed: of the same bits
 *   double               f64            number         time of traces, ns
 *
 * The module imports its memory, as env.memory, and nothing more; it begins with one page and grows while it is being built.
 * The order of calls: docs/boundary.md. With wasm2c (c/README.md) these are the functions of the translated module; other
 * hosts look exports up by the names within MPAM_WASM().
 */

#ifndef MPAM_WASM_H
#define MPAM_WASM_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* How wasm2c of wabt 1.0.32 spells exports of a module of the name mpam, and the instance that they take first. */
#ifndef MPAM_WASM
#define MPAM_WASM(name) Z_mpamZ_##name
#endif
#ifndef MPAM_WASM_SELF
struct Z_mpam_instance_t;
#define MPAM_WASM_SELF struct Z_mpam_instance_t *self
#endif

typedef uint32_t mpam_wasm_pointer;
typedef uint32_t mpam_wasm_bool;
typedef uint64_t mpam_wasm_i64;

${FIXED}
${constants.join("\n")}
${body.join("\n")}
#ifdef __cplusplus
}
#endif

#endif
`;
}

function regsHeader() {
  const pages = ["identity", "errors", "partition", "monitor", "msi", "pe", "smmu"];
  const part = (path, prefix) => [`/* assembly/regs/${path}.ts */`, ...constantsOf(`regs/${path}.ts`, prefix), ""];
  return `/* SPDX-License-Identifier: Apache-2.0
 *
 * Registers of MSCs and cpus: offsets, fields as masks, encodings. Made from assembly/regs by c/generate-header.mjs.
 */

#ifndef MPAM_REGS_H
#define MPAM_REGS_H

#include <stdint.h>

/* The value of a field that a mask names, and a value put where the mask is. */
#define MPAM_FIELD_GET(mask, word) (((uint32_t)(word) & (mask)) / ((mask) & (0u - (mask))))
#define MPAM_FIELD_PREP(mask, value) (((uint32_t)(value) * ((mask) & (0u - (mask)))) & (mask))

/* Offsets in the page of an MSC. */
${part("offsets", "MPAM_OFFSET_").join("\n")}
/* Encodings of system registers: op0 [15:14], op1 [13:11], CRn [10:7], CRm [6:3], op2 [2:0]. */
${part("pe-encodings", "MPAM_SYSREG_").join("\n")}
/* Fields. Those of the upper word of a 64-bit register have HI in their names. */
${pages.flatMap((path) => part(path, "MPAM_")).join("\n")}
#endif
`;
}

const headers = { "mpam_wasm.h": wasmHeader(), "mpam_regs.h": regsHeader() };
for (const [name, text] of Object.entries(headers)) {
  const path = join(ROOT, "c", name);
  if (!process.argv.includes("--check")) writeFileSync(path, text);
  else if (readFileSync(path, "utf8") !== text) {
    console.error(`c/${name} is not what the sources say: run node c/generate-header.mjs`);
    process.exitCode = 1;
  }
}
