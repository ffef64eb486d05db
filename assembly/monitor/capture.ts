// Capture events.

export function captureFromOutside(msc: u32, event: u32): void {}
