// What every page of reports has: its head, its style, and a script for values under the pointer, without which it works too.

import { Markup, markup } from "./markup.ts";
import { DARK_SCREEN, DARK_THEME, LIGHT_THEME, pictureStyle } from "./pictures/colours.ts";

/** Nothing is loaded from anywhere, and no script runs but the one below. `style`: what this kind of page has besides. */
export function page(title: string, body: Markup, style = ""): string {
  const policy = `default-src 'none'; style-src 'unsafe-inline'; img-src data:; script-src '${SCRIPT_HASH}'`;
  return `${markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<style>
${new Markup(STYLE)}
${new Markup(pictureStyle() + style)}
</style>
</head>
<body>
${body}
<script>${new Markup(SCRIPT)}</script>
</body>
</html>
`}`;
}

/** A table that can be scrolled sideways on its own; the first column is its rows' names. */
export function table(
  caption: string,
  head: readonly string[],
  rows: readonly (readonly (string | Markup)[])[],
  attributes: readonly Markup[] = [],
): Markup {
  return markup`<div class="wide" tabindex="0" role="region" aria-label="${caption}"><table><caption>${caption}</caption>
<thead><tr>${head.map((cell) => markup`<th scope="col">${cell}</th>`)}</tr></thead>
<tbody>
${rows.map(([name = "", ...cells], index) => markup`<tr${attributes[index]}><th scope="row">${name}</th>${cells.map((cell) => markup`<td>${cell}</td>`)}</tr>\n`)}</tbody></table></div>`;
}

function theme({ ground, ink, quiet, grid, rest, groups }: typeof LIGHT_THEME): string {
  const slots = [...groups.map((colour, index) => `--g-${index}: ${colour};`), `--g-rest: ${rest};`];
  return `--ground: ${ground}; --ink: ${ink}; --quiet: ${quiet}; --edge: ${grid}; ${slots.join(" ")}`;
}

const slots = [...LIGHT_THEME.groups.map((_, index) => String(index)), "rest"];

const STYLE = `:root { ${theme(LIGHT_THEME)} --panel: #f6f8fa; }
${DARK_SCREEN} { :root { ${theme(DARK_THEME)} --panel: #1b2027; } }
* { box-sizing: border-box; }
html { color-scheme: light dark; }
body { margin: 0 auto; max-width: 1040px; padding: 24px 20px 64px; background: var(--ground); color: var(--ink);
  font: 15px/1.5 system-ui, "Segoe UI", Helvetica, Arial, sans-serif; }
h1 { font-size: 26px; line-height: 1.2; margin: 0 0 4px; overflow-wrap: anywhere; }
h2 { font-size: 19px; margin: 44px 0 8px; padding-top: 12px; border-top: 1px solid var(--edge); }
h3 { font-size: 16px; margin: 28px 0 0; }
p { margin: 4px 0 10px; }
.quiet-text, figure > p, caption { color: var(--quiet); }
.lead { font-size: 16px; }
a { color: inherit; }
code, .code { font: 13px/1.45 ui-monospace, "SFMono-Regular", Menlo, Consolas, monospace; }
pre { margin: 0; white-space: pre-wrap; overflow-wrap: anywhere; }
.cards { display: grid; grid-template-columns: repeat(auto-fill, minmax(240px, 1fr)); gap: 12px; margin: 16px 0; }
.card { background: var(--panel); border-left: 4px solid var(--c, var(--edge)); border-radius: 4px; padding: 10px 14px; break-inside: avoid; }
.card h2 { font-size: 16px; margin: 0 0 4px; padding: 0; border: 0; overflow-wrap: anywhere; }
.card dl { display: grid; grid-template-columns: auto auto; gap: 1px 10px; margin: 0; }
.card dt { color: var(--quiet); }
.card dd { margin: 0; text-align: right; font-variant-numeric: tabular-nums; }
${slots.map((slot) => `.c-${slot} { --c: var(--g-${slot}); }`).join("\n")}
.key { display: inline-block; width: 10px; height: 10px; border-radius: 2px; background: var(--c, transparent); margin-right: 6px; print-color-adjust: exact; }
figure { margin: 30px 0 0; position: relative; break-inside: avoid; }
figure h3 { margin: 0; }
figure > p { margin: 0 0 6px; }
figure svg { display: block; width: 100%; height: auto; }
figure svg.narrow { display: none; }
@media screen and (max-width: 620px) { figure svg.broad { display: none; } figure svg.narrow { display: block; } body { padding: 16px 12px 48px; } .left th { white-space: normal; overflow-wrap: anywhere; min-width: 84px; } .left td .code { overflow-wrap: anywhere; } }
details { margin: 2px 0 0; }
summary { cursor: pointer; color: var(--quiet); width: fit-content; }
summary:focus-visible, .wide:focus-visible { outline: 2px solid var(--g-0); outline-offset: 2px; }
.wide { overflow: auto; max-height: 520px; max-width: 100%; }
.all .wide, .wide.all { max-height: none; }
table { border-collapse: collapse; font-size: 14px; font-variant-numeric: tabular-nums; margin: 4px 0 8px; }
caption { text-align: left; padding: 10px 0 2px; white-space: nowrap; }
th, td { padding: 3px 14px 3px 0; text-align: right; white-space: nowrap; border-bottom: 1px solid var(--edge); }
th:first-child, td:first-child, .left th, .left td { text-align: left; }
.named th:nth-child(2), .named td:nth-child(2) { text-align: left; }
.left td { white-space: normal; vertical-align: top; }
.left th { vertical-align: top; }
thead th { position: sticky; top: 0; background: var(--ground); font-weight: 600; vertical-align: bottom; }
tbody th { font-weight: 400; }
td .code, th .code { white-space: pre-wrap; }
.pair { display: grid; grid-template-columns: 1fr 1fr; gap: 16px; margin-bottom: 26px; }
.pair figure { margin: 8px 0 0; }
.pair > * { min-width: 0; }
.pair > p { align-self: center; text-align: center; }
body:has(.pair) { max-width: 1240px; }
.warnings { background: var(--panel); border-left: 4px solid var(--g-4); padding: 10px 14px 10px 32px; border-radius: 4px; }
@media screen and (max-width: 820px) { .pair { grid-template-columns: 1fr; } }
#value { position: absolute; pointer-events: none; background: var(--panel); border: 1px solid var(--edge); border-radius: 4px; padding: 4px 8px;
  font-size: 13px; white-space: pre; box-shadow: 0 2px 8px #0003; z-index: 2; }
@media print {
  @page { margin: 14mm; }
  body { max-width: none; padding: 0; font-size: 11pt; }
  figure details, #value { display: none; }
  .wide { overflow: visible; max-height: none; }
  thead th { position: static; }
  table { font-size: 9pt; }
  th, td { padding-right: 8px; white-space: normal; }
  h2, h3 { break-after: avoid; }
  * { print-color-adjust: exact; }
}`;

/** Shows the row of the figure's table that belongs to the time under the pointer. */
export const SCRIPT = `"use strict";
for (const figure of document.querySelectorAll("figure")) {
  const rows = [...figure.querySelectorAll("tr[data-end]")];
  if (rows.length === 0) continue;
  const heads = [...figure.querySelectorAll("thead th")].map((one) => one.textContent);
  const box = document.createElement("div");
  box.id = "value";
  box.setAttribute("aria-hidden", "true");
  const hide = () => box.remove();
  for (const svg of figure.querySelectorAll("svg[data-from]")) {
    const [left, right, from, to] = ["left", "right", "from", "to"].map((one) => Number(svg.dataset[one]));
    svg.addEventListener("pointerleave", hide);
    svg.addEventListener("pointermove", (event) => {
      const area = svg.getBoundingClientRect();
      const at = ((event.clientX - area.left) / area.width) * svg.viewBox.baseVal.width;
      if (at < left || at > right) return hide();
      const time = from + ((at - left) / (right - left)) * (to - from);
      const row = rows.find((one) => Number(one.dataset.end) >= time) || rows[rows.length - 1];
      box.textContent = [...row.cells].map((cell, index) => heads[index] + "  " + cell.textContent).join("\\n");
      figure.append(box);
      const own = figure.getBoundingClientRect();
      const x = event.clientX - own.left;
      box.style.left = (x + box.offsetWidth + 24 > own.width ? x - box.offsetWidth - 14 : x + 14) + "px";
      box.style.top = event.clientY - own.top + 14 + "px";
    });
  }
}
`;

/** SHA-256 of the script, as the policy of the page names it; a test compares. */
export const SCRIPT_HASH = "sha256-mAmkncUySkNGmQ4EQKtIFYB/eWBmsfpqZgD0KA90eD0=";
