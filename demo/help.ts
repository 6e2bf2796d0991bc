import { OPTIONS } from "./options.ts";

const COLUMN = 26;
const WIDTH = 100;

/** The text of `--help`. */
export function helpText(): string {
  const rows = OPTIONS.map(({ name, value, help }) => {
    const left = `  --${name}${value === undefined ? "" : ` ${value}`}`;
    const [first = "", ...rest] = wrap(help, WIDTH - COLUMN);
    const head =
      left.length < COLUMN - 1 ? [left.padEnd(COLUMN) + first] : [left, " ".repeat(COLUMN) + first];
    return [...head, ...rest.map((line) => " ".repeat(COLUMN) + line)].join("\n");
  });
  return [
    "npm run demo -- [options]",
    "",
    "Starts an offline GitHub and the App on this machine, opens a pull request, comments on it as a writer",
    "would, and shows what becomes of each comment. Nothing leaves this machine; no account is needed.",
    "",
    ...rows,
    "",
    "Examples:",
    "  npm run demo",
    "  npm run demo -- --once --repo ~/src/mine --comment '/crabbox run -- make test'",
    "  npm run demo -- --provider docker",
    "  npm run demo -- --provider static-ssh --host me@build-1:22 --key ~/.ssh/id_ed25519",
    "",
    "Exit codes: 0 went as told; 1 did not (a run that does not succeed, with --comment); 2 wrong options.",
    "",
  ].join("\n");
}

function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const last = lines.at(-1);
    if (last === undefined || last.length + 1 + word.length > width) lines.push(word);
    else lines[lines.length - 1] = `${last} ${word}`;
  }
  return lines;
}
