/**
 * A streaming reader of the XML that tools write: elements, text, CDATA. No DTD: a declaration of any kind ends it, so no
 * entity can be defined. Memory is bounded by the longest tag.
 */

import { ResultError } from "./result-sink.ts";
import { cutBeforeReference, decodeEntities } from "./xml-entities.ts";

export type XmlHandler = {
  /** `attributes` reads them when it is called, and only until `open` returns; entities in the values are not decoded yet. */
  open(name: string, attributes: () => ReadonlyMap<string, string>): void;
  close(name: string): void;
  /** True while `text` is wanted; asked for each piece. */
  wantsText(): boolean;
  text(piece: string): void;
};

export type XmlReader = { push(text: string): void; end(): void };

/** A message in an attribute may hold a whole diff; ours. */
const TAG_MAX = 4 * 1024 * 1024;
/** Suites nest three deep in practice. */
const DEPTH_MAX = 64;

const NAME = /^[^\s/>=<&"']{1,200}/u;
const ATTRIBUTE = /\s+([^\s=/>"']+)\s*=\s*(?:"([^"]*)"|'([^']*)')/uy;
const ENDS = { comment: "-->", cdata: "]]>", instruction: "?>" } as const;

/** Feeds `handler`; `push` and `end` throw `ResultError` for what is no well-formed document. */
export function createXmlReader(handler: XmlHandler): XmlReader {
  const open: string[] = [];
  let pending = "";
  let mode: "content" | keyof typeof ENDS = "content";
  /** How far the open tag in `pending` was looked through, and the quote it stood in there. */
  let scanned = 1;
  let quote = "";
  let hadRoot = false;

  const say = (piece: string, isPlain: boolean): void => {
    if (piece === "") return;
    if (open.length > 0) {
      if (handler.wantsText()) handler.text(isPlain ? decodeEntities(piece) : piece);
    } else if (/[^\s\u{feff}]/u.test(piece))
      throw new ResultError(hadRoot ? "has text behind its end" : "is no XML", !hadRoot);
  };
  const tagEnd = (): number => {
    for (;;) {
      if (quote !== "") {
        const end = pending.indexOf(quote, scanned);
        if (end === -1) return missing();
        quote = "";
        scanned = end + 1;
      }
      for (; scanned < pending.length; scanned++) {
        const sign = pending.charCodeAt(scanned);
        if (sign === 62) return scanned;
        if (sign === 34 || sign === 39) break;
      }
      if (scanned >= pending.length) return missing();
      quote = pending[scanned] ?? "";
      scanned += 1;
    }
  };
  const missing = (): -1 => {
    scanned = pending.length;
    demandShort(pending.length);
    return -1;
  };
  const tag = (body: string): void => {
    if (body.startsWith("/")) {
      const name = body.slice(1).trim();
      if (open.pop() !== name)
        throw new ResultError(`is not well-formed: \`</${name.slice(0, 80)}>\` ends nothing`);
      handler.close(name);
      return;
    }
    const name = NAME.exec(body)?.[0];
    if (name === undefined) throw new ResultError("is not well-formed: a tag has no name");
    if (open.length === 0 && hadRoot) throw new ResultError("has more than one root element");
    if (open.length >= DEPTH_MAX) throw new ResultError(`nests deeper than ${DEPTH_MAX} elements`);
    hadRoot = true;
    handler.open(name, () => attributesOf(body, name.length));
    if (body.endsWith("/")) handler.close(name);
    else open.push(name);
  };
  /** Handles what begins at `<`, the first sign of `pending`; false when more is needed. */
  const markup = (): boolean => {
    if (pending.startsWith("<!")) {
      const kind = pending.startsWith("<!--") ? "comment" : pending.startsWith("<![CDATA[") ? "cdata" : null;
      if (kind === null && ("<!--".startsWith(pending) || "<![CDATA[".startsWith(pending))) return false;
      if (kind === null) throw new ResultError("has a DOCTYPE or another declaration, which is refused");
      mode = kind;
      pending = pending.slice(kind === "comment" ? 4 : 9);
      return true;
    }
    if (pending.length < 2) return false;
    if (pending.startsWith("<?")) {
      mode = "instruction";
      pending = pending.slice(2);
      return true;
    }
    const end = tagEnd();
    if (end === -1) return false;
    demandShort(end);
    const body = pending.slice(1, end);
    pending = pending.slice(end + 1);
    scanned = 1;
    tag(body);
    return true;
  };
  const content = (): boolean => {
    const start = pending.indexOf("<");
    if (start === 0) return markup();
    const cut = start === -1 ? cutBeforeReference(pending) : start;
    say(pending.slice(0, cut), true);
    pending = pending.slice(cut);
    return start !== -1;
  };
  const until = (end: string): boolean => {
    const at = pending.indexOf(end);
    const cut = at === -1 ? Math.max(0, pending.length - end.length + 1) : at;
    if (mode === "cdata") say(pending.slice(0, cut), false);
    pending = pending.slice(at === -1 ? cut : at + end.length);
    if (at !== -1) mode = "content";
    return at !== -1;
  };
  /** Takes what is whole off the front; false when there is nothing more of that. */
  const step = (): boolean => pending !== "" && (mode === "content" ? content() : until(ENDS[mode]));
  return {
    push(text) {
      pending = pending === "" ? text : pending + text;
      while (step());
    },
    end() {
      if (mode === "content" && !pending.startsWith("<")) say(pending, true);
      else throw new ResultError("ends in the middle");
      if (open.length > 0) throw new ResultError("ends in the middle");
      if (!hadRoot) throw new ResultError("is empty", true);
    },
  };
}

function demandShort(length: number): void {
  if (length > TAG_MAX) throw new ResultError(`has a tag of more than ${TAG_MAX} characters`);
}

function attributesOf(body: string, from: number): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  ATTRIBUTE.lastIndex = from;
  let end = from;
  for (let match = ATTRIBUTE.exec(body); match !== null; match = ATTRIBUTE.exec(body)) {
    found.set(match[1] ?? "", match[2] ?? match[3] ?? "");
    end = ATTRIBUTE.lastIndex;
  }
  if (/[^\s/]/u.test(body.slice(end))) throw new ResultError("is not well-formed: a tag's attributes");
  return found;
}
