import { readFileSync } from "node:fs";
import { join } from "node:path";

/** Kinds of names, as tools/published-syntax.mjs lists them. */
export type Kind =
  | "workflow"
  | "action"
  | "contexts"
  | "functions"
  | "commands"
  | "files"
  | "variables"
  | "shells";

type Published = Readonly<Record<Kind, readonly string[]>>;

const FILE = join(import.meta.dirname, "published-keys.json");
const PUBLISHED = JSON.parse(readFileSync(FILE, "utf8")) as Published;

/** What GitHub publishes: a name, and the words that may be its value. */
export function published(
  kind: Kind,
): readonly { readonly key: string; readonly words: readonly string[] }[] {
  return PUBLISHED[kind].map((line) => {
    const [key = "", words = ""] = line.split(" = ");
    return { key, words: words.split(" ").filter((word) => word !== "") };
  });
}

export const KINDS = Object.keys(PUBLISHED).filter((name): name is Kind => name !== "sources");
