import { distance } from "fastest-levenshtein";

type OptionRow = {
  readonly name: string;
  /** Stands for the value in the help; absent: a switch. */
  readonly value?: string;
  readonly repeatable?: true;
  readonly help: string;
};

/** Every option, in the order of the help. */
export const OPTIONS: readonly OptionRow[] = [
  { name: "once", help: "End when the story is told; the exit code says whether it went as told." },
  {
    name: "repo",
    value: "PATH",
    help: "Your repository as the pull request (a checkout or a bare one; never written).",
  },
  { name: "head", value: "REF", help: "With --repo: the pull request's head. Default: HEAD." },
  {
    name: "base",
    value: "REF",
    help: "With --repo: the pull request's base. Default: the head's first parent.",
  },
  {
    name: "comment",
    value: "TEXT",
    repeatable: true,
    help: "Instead of the story: write this comment and wait for its outcome. Again for the next one. Exit code 1 when a run does not succeed.",
  },
  {
    name: "github-root",
    value: "DIR",
    help: "Serve further bare repositories: DIR/OWNER/NAME.git (submodules, say).",
  },
  {
    name: "env",
    value: "NAME=VALUE",
    repeatable: true,
    help: "Environment of every set-up step and command (`env` of the settings); NAME alone: as it is here. Not for secrets.",
  },
  { name: "provider", value: "NAME", help: "Where boxes come from: local (default), docker or static-ssh." },
  {
    name: "image",
    value: "IMAGE",
    help: "With docker: the Debian or Ubuntu image that boxes are made of. Default: the App's own.",
  },
  { name: "host", value: "USER@HOST:PORT", help: "With static-ssh: the host. Port 22 when none is named." },
  {
    name: "key",
    value: "FILE",
    help: "With static-ssh: the private key to log in with, without a passphrase.",
  },
  {
    name: "host-key",
    value: "SHA256:...",
    help: "With static-ssh: the host's key. Default: the first one seen is shown and pinned in the state directory.",
  },
  {
    name: "state",
    value: "DIR",
    help: "Keep everything there; started again with it, the demo goes on where it was.",
  },
  {
    name: "json",
    help: "JSON lines on standard output and nothing else: events, log chunks, finished check runs.",
  },
  { name: "help", help: "This text." },
];

/** The options as given, by name. */
export type Given = {
  readonly kind: "given";
  readonly flag: (name: string) => boolean;
  readonly one: (name: string) => string | null;
  readonly all: (name: string) => readonly string[];
};

export type ReadOptions = Given | { readonly kind: "wrong"; readonly message: string; readonly hint: string };

const SEE_HELP = "npm run demo -- --help lists the options.";
/** More wrong letters than this is another word. */
const MAX_TYPOS = 3;

/** Reads `--name VALUE`, `--name=VALUE` and switches; the first fault ends it. `-h` stands for `--help`. */
export function readOptions(argv: readonly string[]): ReadOptions {
  const values = new Map<string, string[]>();
  for (let at = 0; at < argv.length; at++) {
    const word = argv[at] === "-h" ? "--help" : (argv[at] ?? "");
    if (!word.startsWith("--") || word === "--") return stray(word);
    const equals = word.indexOf("=");
    const name = word.slice(2, equals === -1 ? undefined : equals);
    const row = OPTIONS.find((option) => option.name === name);
    if (row === undefined) return unknown(name);
    const before = values.get(name) ?? [];
    if (before.length > 0 && row.repeatable !== true) return wrong(`--${name} stands there twice.`, SEE_HELP);
    if (row.value === undefined) {
      if (equals !== -1) return wrong(`--${name} takes no value.`, SEE_HELP);
      values.set(name, [...before, ""]);
      continue;
    }
    const value = equals === -1 ? argv[++at] : word.slice(equals + 1);
    const isOption = equals === -1 && value?.startsWith("--") === true;
    if (value === undefined || value.trim() === "" || isOption)
      return wrong(`--${name} needs a value: --${name} ${row.value}`, SEE_HELP);
    values.set(name, [...before, value]);
  }
  return {
    kind: "given",
    flag: (name) => values.has(name),
    one: (name) => values.get(name)?.[0] ?? null,
    all: (name) => values.get(name) ?? [],
  };
}

function stray(word: string): ReadOptions {
  return wrong(
    `"${word}" belongs to no option.`,
    "A comment is one value, so it stands in quotes: --comment '/crabbox run -- npm test'",
  );
}

function unknown(name: string): ReadOptions {
  let best = { name: "", typos: MAX_TYPOS + 1 };
  for (const option of OPTIONS) {
    const typos = distance(name.slice(0, 40), option.name);
    if (typos < best.typos && typos <= option.name.length / 2) best = { name: option.name, typos };
  }
  const hint = best.name === "" ? SEE_HELP : `Did you mean --${best.name}? ${SEE_HELP}`;
  return wrong(`There is no option --${name}.`, hint);
}

function wrong(message: string, hint: string): ReadOptions {
  return { kind: "wrong", message, hint };
}
