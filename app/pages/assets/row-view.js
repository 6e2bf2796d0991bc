import { FLAG_NAMES, terminalLine } from "./terminal.js";

/**
 * One row as an element, made of text nodes only. `needle` is lower-cased; what matches it is marked.
 * @param {{ n: number, row: any, needle: string, marked: boolean, times: boolean, total: number }} options
 */
export function rowElement({ n, row, needle, marked, times, total }) {
  const element = document.createElement("div");
  element.className = `row ${row === undefined ? "loading" : row.k}${marked ? " marked" : ""}`;
  element.setAttribute("role", "listitem");
  element.setAttribute("aria-posinset", String(n + 1));
  element.setAttribute("aria-setsize", String(total));
  const number = document.createElement("a");
  number.className = "number";
  number.href = `#L${n + 1}`;
  number.textContent = String(n + 1);
  number.setAttribute("aria-label", `Line ${n + 1}`);
  number.tabIndex = -1;
  element.append(number);
  if (row === undefined) return element;
  if (times) {
    const time = document.createElement("time");
    time.textContent = clock(row.t);
    element.append(time);
  }
  const text = document.createElement("span");
  text.className = "text";
  const runs = row.k === "out" ? (row.runs ??= terminalLine(row.s)) : [{ text: row.s, style: null }];
  append(text, runs, needle);
  if (row.cut !== undefined) {
    const note = document.createElement("span");
    note.className = "cut";
    note.textContent = ` … cut for this view; the line has ${bytes(row.cut)}, the download has all of it`;
    text.append(note);
  }
  element.append(text);
  return element;
}

function append(parent, runs, needle) {
  const whole = needle === "" ? "" : runs.map((run) => run.text).join("");
  const lower = whole.toLowerCase();
  // Where lower case has another length, places would not fit: better no mark than a wrong one.
  let hit = needle === "" || lower.length !== whole.length ? -1 : lower.indexOf(needle);
  let at = 0;
  for (const { text, style } of runs) {
    const end = at + text.length;
    let from = at;
    while (hit !== -1 && hit < end) {
      const start = Math.max(hit, from);
      const stop = Math.min(hit + needle.length, end);
      if (start > from) parent.append(run(text.slice(from - at, start - at), style, "span"));
      if (stop > start) parent.append(run(text.slice(start - at, stop - at), style, "mark"));
      from = Math.max(from, stop);
      if (hit + needle.length > end) break;
      hit = lower.indexOf(needle, hit + needle.length);
    }
    if (from < end) parent.append(run(text.slice(from - at), style, "span"));
    at = end;
  }
}

function run(text, style, tag) {
  const isPlain = style === null || (style.fg === null && style.bg === null && style.flags === 0);
  if (isPlain && tag === "span") return document.createTextNode(text);
  const element = document.createElement(tag);
  element.textContent = text;
  if (isPlain) return element;
  for (const [bit, name] of FLAG_NAMES.entries()) if (style.flags & (1 << bit)) element.classList.add(name);
  paint(element, "f", "color", style.fg);
  paint(element, "b", "backgroundColor", style.bg);
  return element;
}

/** Named colours by class, so that light and dark differ; others through the style object, which the policy allows. */
function paint(element, prefix, property, colour) {
  if (typeof colour === "number") element.classList.add(`${prefix}${colour}`);
  else if (colour !== null) element.style[property] = colour;
}

function clock(ms) {
  const date = new Date(ms);
  return Number.isNaN(date.getTime()) ? "" : date.toLocaleTimeString(undefined, { hour12: false });
}

function bytes(count) {
  const units = ["bytes", "KB", "MB", "GB"];
  let value = count;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${unit === 0 ? value : value.toFixed(1)} ${units[unit]}`;
}
