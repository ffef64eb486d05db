// What others wrote into the server, fit for a terminal: one line, without what terminals obey.

const MOST = 300;

export function oneLine(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is taken out.
  const plain = text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g, " ").trim();
  return plain.length > MOST ? `${plain.slice(0, MOST)}...` : plain;
}
