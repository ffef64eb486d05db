// Rows as CSV (RFC 4180): lines end in CR LF, and what has a comma, a quote or a line end in it is quoted.

export function csvFile(head: readonly string[], rows: Iterable<readonly (string | number | null)[]>): string {
  const lines = [head.map(field).join(",")];
  for (const row of rows) lines.push(row.map(field).join(","));
  return `${lines.join("\r\n")}\r\n`;
}

/** Null is an empty field. */
function field(value: string | number | null): string {
  const text = String(value ?? "");
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
