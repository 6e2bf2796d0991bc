const UNIT_MS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/** Longest text that is read as a duration; `1d23h59m59s` has 11 characters. */
const MAX_DURATION_CHARS = 32;

/** Milliseconds of `90s`, `30m`, `1h30m`, `2d`; null when it is anything else or too large to count exactly. */
export function parseDuration(text: string): number | null {
  if (text.length > MAX_DURATION_CHARS || !/^(?:\d+(?:ms|[smhd]))+$/u.test(text)) return null;
  let totalMs = 0;
  for (const [, amount = "", unit = ""] of text.matchAll(/(\d+)(ms|[smhd])/gu)) {
    totalMs += Number(amount) * (UNIT_MS[unit] ?? Number.NaN);
  }
  return Number.isSafeInteger(totalMs) ? totalMs : null;
}

/** Below ten seconds a tenth still tells something. */
const TENTHS_BELOW_MS = 9_950;

/** A duration for people, at most two units: `80 ms`, `7.3 s`, `42 s`, `3 min 5 s`, `2 h 10 min`, `3 d 4 h`. Negative counts as none. */
export function formatDuration(ms: number): string {
  const duration = Math.max(0, ms);
  if (Math.round(duration) < 1_000) return `${Math.round(duration)} ms`;
  if (duration < TENTHS_BELOW_MS) return `${(duration / 1_000).toFixed(1).replace(/\.0$/u, "")} s`;
  const seconds = Math.round(duration / 1_000);
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3_600) return two(Math.floor(seconds / 60), "min", seconds % 60, "s");
  const minutes = Math.round(duration / 60_000);
  if (minutes < 1_440) return two(Math.floor(minutes / 60), "h", minutes % 60, "min");
  const hours = Math.round(duration / 3_600_000);
  return two(Math.floor(hours / 24), "d", hours % 24, "h");
}

/** A duration as it is written in a command or a settings file: `90s`, `1h30m`; `parseDuration` reads it back. */
export function writeDuration(ms: number): string {
  let rest = Math.max(0, Math.round(ms));
  if (rest === 0) return "0s";
  let text = "";
  for (const unit of ["d", "h", "m", "s", "ms"]) {
    const size = UNIT_MS[unit] ?? 1;
    const count = Math.floor(rest / size);
    if (count > 0) text += `${count}${unit}`;
    rest -= count * size;
  }
  return text;
}

function two(large: number, largeUnit: string, small: number, smallUnit: string): string {
  return small === 0 ? `${large} ${largeUnit}` : `${large} ${largeUnit} ${small} ${smallUnit}`;
}
