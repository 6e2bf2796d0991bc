const BYTE_UNITS = ["bytes", "KB", "MB", "GB", "TB"] as const;
const BYTE_STEP = 1000;

/** Bytes in decimal units: `512 bytes`, `16.4 KB`, `1.2 MB`, `120 MB`. */
export function formatBytes(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= BYTE_STEP && unit < BYTE_UNITS.length - 1) {
    value /= BYTE_STEP;
    unit += 1;
  }
  const text = value.toFixed(unit === 0 || value >= 100 ? 0 : 1);
  return `${trimZero(text)} ${BYTE_UNITS[unit] ?? ""}`;
}

/** An instant as `2026-11-23 04:48:05 UTC`; for times by the App's own clock. */
export function formatTime(epochMs: number): string {
  return `${new Date(epochMs).toISOString().slice(0, 19).replace("T", " ")} UTC`;
}

function trimZero(text: string): string {
  return text.replace(/\.0$/u, "");
}
