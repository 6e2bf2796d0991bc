/**
 * One line of a terminal as styled runs of text. Understands colours (16, 256, true), the usual attributes, and what progress bars
 * do within a line: return, backspace, cursor moves, erase. Everything else of ECMA-48 is dropped. Nothing here makes HTML.
 */

/** @typedef {{ fg: Colour, bg: Colour, flags: number }} Style  @typedef {null | number | string} Colour */

const PLAIN = Object.freeze({ fg: null, bg: null, flags: 0 });
const BOLD = 1;
const DIM = 2;
const ITALIC = 4;
const UNDERLINE = 8;
const INVERSE = 16;
const STRIKE = 32;
/** Shown in another style: a control character's picture, or the name of an order-changing mark. */
const MARK = 64;

/** Attributes a row view turns into classes, in the order of their bits. */
export const FLAG_NAMES = ["bold", "dim", "italic", "underline", "inverse", "strike", "mark"];

const TAB_STOP = 8;
/** A line may ask for any column; what it can fill is bounded by what the server sends of it. */
const MAX_COLUMN = 20_000;
// oxlint-disable-next-line no-control-regex -- telling control characters is the purpose
const SPECIAL = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/u;
const SEQUENCE =
  // oxlint-disable-next-line no-control-regex -- escape sequences begin with a control character
  /(?:\u001b\[|\u009b)([0-?]*)[ -/]*([@-~])|\u001b\][^\u0007\u001b]*(?:\u0007|\u001b\\)|\u001b[PX^_][^\u001b]*\u001b\\|\u001b[ -/]*[0-Z\\^-~]|\u001b/uy;

/** @param {string} line without its newline @returns {{ text: string, style: Style }[]} */
export function terminalLine(line) {
  const text = line.endsWith("\r") ? line.slice(0, -1) : line;
  if (!SPECIAL.test(text)) return text === "" ? [] : [{ text, style: PLAIN }];
  /** @type {string[]} */ const cells = [];
  /** @type {Style[]} */ const styles = [];
  let style = PLAIN;
  let column = 0;
  const put = (character, as) => {
    while (cells.length < column) {
      cells.push(" ");
      styles.push(PLAIN);
    }
    cells[column] = character;
    styles[column] = as;
    column += 1;
  };
  const move = (to) => {
    column = Math.max(0, Math.min(to, MAX_COLUMN));
  };
  for (let at = 0; at < text.length;) {
    const code = text.codePointAt(at);
    if (code === 0x1b || code === 0x9b) {
      SEQUENCE.lastIndex = at;
      const found = SEQUENCE.exec(text);
      at = found === null ? at + 1 : SEQUENCE.lastIndex;
      const number = Number.parseInt(found?.[1] ?? "", 10) || 0;
      const final = found?.[2];
      if (final === "m") style = restyle(style, found[1]);
      else if (final === "K") erase(cells, styles, column, number);
      else if (final === "G") move(Math.max(1, number) - 1);
      else if (final === "C") move(column + Math.max(1, number));
      else if (final === "D") move(column - Math.max(1, number));
      continue;
    }
    const character = String.fromCodePoint(code);
    at += character.length;
    if (code === 0x0d) move(0);
    else if (code === 0x08) move(column - 1);
    else if (code === 0x09)
      for (let left = TAB_STOP - (column % TAB_STOP); left > 0; left -= 1) put(" ", style);
    else if (code === 0x07) continue;
    else if (!SPECIAL.test(character)) put(character, style);
    else put(visible(code), { ...style, flags: style.flags | MARK });
  }
  return joined(cells, styles);
}

function visible(code) {
  if (code < 0x20) return String.fromCharCode(0x2400 + code);
  if (code === 0x7f) return "\u2421";
  return `[U+${code.toString(16).toUpperCase().padStart(4, "0")}]`;
}

function erase(cells, styles, column, which) {
  if (which === 0) {
    cells.length = Math.min(cells.length, column);
    styles.length = cells.length;
    return;
  }
  const end = which === 1 ? Math.min(column + 1, cells.length) : cells.length;
  cells.fill(" ", 0, end);
  styles.fill(PLAIN, 0, end);
}

function joined(cells, styles) {
  const runs = [];
  for (let at = 0; at < cells.length; at += 1) {
    const last = runs.at(-1);
    if (last !== undefined && sameStyle(last.style, styles[at])) last.text += cells[at];
    else runs.push({ text: cells[at], style: styles[at] });
  }
  return runs;
}

function sameStyle(one, other) {
  return one === other || (one.fg === other.fg && one.bg === other.bg && one.flags === other.flags);
}

const SET = { 1: BOLD, 2: DIM, 3: ITALIC, 4: UNDERLINE, 7: INVERSE, 9: STRIKE, 21: UNDERLINE };
const RESET = { 22: BOLD | DIM, 23: ITALIC, 24: UNDERLINE, 27: INVERSE, 29: STRIKE };

/** Select Graphic Rendition: `;` and `:` both part its numbers; unknown ones are passed over. */
function restyle(style, parameters) {
  // With colons a true colour may name its colour space first, mostly as nothing.
  const codes = parameters
    .replace(/([34]8:2):\d*:(\d+:\d+:\d+)/gu, "$1:$2")
    .split(/[;:]/u)
    .map((part) => Number.parseInt(part, 10) || 0);
  let { fg, bg, flags } = style;
  for (let at = 0; at < codes.length; at += 1) {
    const code = codes[at];
    if (code === 0) ({ fg, bg, flags } = PLAIN);
    else if (code in SET) flags |= SET[code];
    else if (code in RESET) flags &= ~RESET[code];
    else if (code >= 30 && code <= 37) fg = code - 30;
    else if (code >= 90 && code <= 97) fg = code - 82;
    else if (code === 39) fg = null;
    else if (code >= 40 && code <= 47) bg = code - 40;
    else if (code >= 100 && code <= 107) bg = code - 92;
    else if (code === 49) bg = null;
    else if (code === 38 || code === 48) {
      const [colour, used] = extended(codes, at + 1);
      if (code === 38) fg = colour;
      else bg = colour;
      at += used;
    }
  }
  return { fg, bg, flags };
}

function extended(codes, at) {
  if (codes[at] === 5) return [palette(codes[at + 1] ?? 0), 2];
  if (codes[at] !== 2) return [null, 0];
  const [red, green, blue] = [1, 2, 3].map((offset) => (codes[at + offset] ?? 0) & 255);
  return [`rgb(${red} ${green} ${blue})`, 4];
}

/** The first 16 are the page's own colours, light or dark; the cube and the greys are the same everywhere. */
function palette(index) {
  if (index < 16) return index;
  if (index >= 232) {
    const grey = Math.min(index, 255) * 10 - 2312;
    return `rgb(${grey} ${grey} ${grey})`;
  }
  const level = (value) => (value === 0 ? 0 : value * 40 + 55);
  const cube = index - 16;
  return `rgb(${level(Math.floor(cube / 36))} ${level(Math.floor(cube / 6) % 6)} ${level(cube % 6)})`;
}
