/** The words of one fetch by git's protocol, version 2: what is asked, and what may come back. */

import type { PktLine } from "./pkt-line.ts";
import { PKT_DELIMITER, PKT_FLUSH, pktLine } from "./pkt-line.ts";

export type FetchAsk = {
  readonly sha: string;
  /** Commits that are here with all that is in them. */
  readonly have: readonly string[];
  /** Those of them whose parents are not here. */
  readonly shallow: readonly string[];
};

export type AnswerEnd =
  /** The whole pack came. */
  | { readonly ok: true; readonly isShallow: boolean }
  /** Something else than the one answer that is expected here. */
  | { readonly ok: false };

export type AnswerReader = {
  /** Takes a line; false when the answer is over, well or not. */
  line(line: PktLine): boolean;
  readonly end: AnswerEnd | undefined;
};

/** Which part of the answer comes next. */
type Part = "header" | "shallow" | "pack";

const SIDE_BAND = { pack: 1, progress: 2 } as const;

/** The body of one POST: the wanted commit alone, its history left out, what is here left out, no negotiation. */
export function askFor({ sha, have, shallow }: FetchAsk): string {
  return [
    pktLine("command=fetch"),
    pktLine("agent=git/crabbox-boxd"),
    PKT_DELIMITER,
    ...["thin-pack", "ofs-delta", "no-progress"].map((word) => pktLine(`${word}\n`)),
    ...shallow.map((oid) => pktLine(`shallow ${oid}\n`)),
    pktLine("deepen 1\n"),
    pktLine(`want ${sha}\n`),
    ...have.map((oid) => pktLine(`have ${oid}\n`)),
    pktLine("done\n"),
    PKT_FLUSH,
  ].join("");
}

/**
 * Reads the answer: at most `shallow-info`, naming the wanted commit, then `packfile`. Any other section, an error, a
 * commit that would not be shallow any more: not ok, and git asks itself.
 */
export function createAnswerReader(sha: string, onPack: (bytes: Buffer) => void): AnswerReader {
  let part: Part = "header";
  let isShallow = false;
  let end: AnswerEnd | undefined;
  const finish = (value: AnswerEnd): false => {
    end = value;
    return false;
  };
  const inShallow = (line: PktLine): boolean => {
    if (line.kind === "delimiter") part = "header";
    else if (line.kind === "data" && textOf(line.bytes) === `shallow ${sha}`) isShallow = true;
    else return finish({ ok: false });
    return true;
  };
  const inPack = (line: PktLine): boolean => {
    if (line.kind === "flush") return finish({ ok: true, isShallow });
    if (line.kind !== "data") return finish({ ok: false });
    const [band] = line.bytes;
    if (band === SIDE_BAND.pack) onPack(line.bytes.subarray(1));
    else if (band !== SIDE_BAND.progress) return finish({ ok: false });
    return true;
  };
  const inHeader = (line: PktLine): boolean => {
    const name = line.kind === "data" ? textOf(line.bytes) : "";
    if (name === "packfile") part = "pack";
    else if (name === "shallow-info") part = "shallow";
    else return finish({ ok: false });
    return true;
  };
  const readers: Record<Part, (line: PktLine) => boolean> = {
    header: inHeader,
    shallow: inShallow,
    pack: inPack,
  };
  return {
    line: (line) => readers[part](line),
    get end() {
      return end;
    },
  };
}

function textOf(bytes: Buffer): string {
  return bytes.toString("latin1").replace(/\n$/, "");
}
