// Colours of groups, and how pictures are dressed: one style for the page and for files of their own.

/**
 * Blue, orange, green and on, moved apart until no two are alike to a reader who lacks one kind of cones, and dark or light enough
 * for thin lines; a test measures both.
 */
const LIGHT = ["#0073bc", "#d08214", "#005b3d", "#a56476", "#972300", "#3f9bd7", "#7b7400", "#28176a"];
const DARK = ["#42a1e3", "#db9600", "#008b66", "#efb6c6", "#c14302", "#c2f0ff", "#faee75", "#6c5cc0"];

interface Theme {
  readonly ground: string;
  readonly ink: string;
  readonly quiet: string;
  readonly grid: string;
  readonly rest: string;
  readonly groups: readonly string[];
}

export const LIGHT_THEME: Theme = {
  ground: "#ffffff",
  ink: "#1b1f24",
  quiet: "#57606a",
  grid: "#e4e7eb",
  rest: "#8c959f",
  groups: LIGHT,
};

export const DARK_THEME: Theme = {
  ground: "#14181d",
  ink: "#e6eaf0",
  quiet: "#9aa5b1",
  grid: "#2b323b",
  rest: "#7d8894",
  groups: DARK,
};

/** Groups that have a colour of their own; more are shown together. */
export const MOST_COLOURS = LIGHT.length;

/** Paper is light whatever the screen is. */
export const DARK_SCREEN = "@media screen and (prefers-color-scheme: dark)";

/** In a file of its own a picture does not know variables: viewers other than browsers have none. */
export function pictureStyle(): string {
  return `${FORM}\n${dress(LIGHT_THEME)}\n${DARK_SCREEN} {\n${dress(DARK_THEME)}\n}`;
}

const FORM = `.picture { font: 12px system-ui, "Segoe UI", Helvetica, Arial, sans-serif; }
.picture .grid { stroke-width: 1; }
.picture .line { fill: none; stroke-width: 1.75; stroke-linejoin: round; }
.picture .level { fill: none; stroke-width: 1.5; }
.picture .leader { fill: none; stroke-width: 1; }
.picture .soft { stroke-dasharray: 6 4; }
.picture .rim { fill: none; stroke-width: 2; }
.picture .mark { stroke-width: 1; stroke-dasharray: 2 3; }
.picture .strong { font-weight: 600; }
.picture .small { font-size: 11px; }`;

function dress({ ground, ink, quiet, grid, rest, groups }: Theme): string {
  const slots = [...groups.map((colour, index) => [String(index), colour]), ["rest", rest]];
  return [
    `.picture .ground { fill: ${ground}; }`,
    `.picture .seam { stroke: ${ground}; stroke-width: 1; }`,
    `.picture .halo { paint-order: stroke; stroke: ${ground}; stroke-width: 3; }`,
    `.picture .ink { fill: ${ink}; }`,
    `.picture .quiet { fill: ${quiet}; }`,
    `.picture .grid { stroke: ${grid}; }`,
    `.picture .shade { fill: ${grid}; }`,
    `.picture .rim { stroke: ${ink}; }`,
    `.picture .mark, .picture .nobody { stroke: ${quiet}; }`,
    ...slots.map(
      ([slot, colour]) => `.picture .f-${slot} { fill: ${colour}; } .picture .l-${slot} { stroke: ${colour}; }`,
    ),
  ].join("\n");
}
