// How a made-up trace is known, by its name.

export const SYNTH = "synth:";

export function isSynth(name: string): boolean {
  return name.startsWith(SYNTH);
}
