const SECOND_MS = 1000;
const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
/** Below ten seconds a tenth still tells something. */
const TENTHS_BELOW_MS = 9950;
const MICRO_PER_USD = 1_000_000;
/** Below it four decimals would show a zero that is none. */
const LEAST_SHOWN_MICRO_USD = 100;
const BYTE_UNITS = ["bytes", "KB", "MB", "GB", "TB"] as const;
const BYTE_STEP = 1000;

/** A duration as people say it: `80 ms`, `1.2 s`, `12 s`, `3 min 2 s`, `2 h 5 min`. Negative counts as none. */
export function formatDuration(ms: number): string {
  const duration = Math.max(0, ms);
  if (Math.round(duration) < SECOND_MS) return `${Math.round(duration)} ms`;
  if (duration < TENTHS_BELOW_MS) return `${trimZero((duration / SECOND_MS).toFixed(1))} s`;
  const seconds = Math.round(duration / SECOND_MS);
  if (seconds < 60) return `${seconds} s`;
  if (duration < HOUR_MS) return joined(Math.floor(seconds / 60), "min", seconds % 60, "s");
  const minutes = Math.round(duration / MINUTE_MS);
  return joined(Math.floor(minutes / 60), "h", minutes % 60, "min");
}

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

/** Integer micro-USD: cents from a dollar on, four decimals below it, `less than $0.0001` rather than a zero that is none. */
export function formatMicroUsd(microUsd: number): string {
  if (microUsd <= 0) return "$0.00";
  if (microUsd < LEAST_SHOWN_MICRO_USD) return "less than $0.0001";
  return `$${(microUsd / MICRO_PER_USD).toFixed(microUsd >= MICRO_PER_USD ? 2 : 4)}`;
}

/** An instant as `2026-11-23 04:48:05 UTC`; for times by the App's own clock. */
export function formatTime(epochMs: number): string {
  return `${new Date(epochMs).toISOString().slice(0, 19).replace("T", " ")} UTC`;
}

function joined(large: number, largeUnit: string, small: number, smallUnit: string): string {
  return small === 0 ? `${large} ${largeUnit}` : `${large} ${largeUnit} ${small} ${smallUnit}`;
}

function trimZero(text: string): string {
  return text.replace(/\.0$/u, "");
}
