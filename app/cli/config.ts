import { readFileSync } from "node:fs";
import { BOX_CLASSES } from "../../providers/provider.ts";
import { AppError } from "../errors.ts";
import type { Allowed } from "../repo-config/allowed.ts";
import { faultText } from "../repo-config/fault.ts";
import { readRepoConfig } from "../repo-config/read.ts";
import { loadFileSettings } from "../settings.ts";

const HELP = `Usage: npx crabbox-app config check PATH [--settings FILE] [--json]

Checks a repository's .github/crabbox.yml: 0 when it can be used, 1 with PATH:LINE:COLUMN: MESSAGE for every fault.
--settings: also against what a server's settings file offers (providers, variables, team).
`;

type Asked = { readonly path: string; readonly settings: string | null; readonly json: boolean };

/** `crabbox-app config check PATH`: 0 good, 1 faults, 2 wrong arguments. Nothing but files is read. */
export async function config(args: readonly string[]): Promise<number> {
  const asked = readArguments(args);
  if (asked === null) {
    const isHelp = args.length === 1 && (args[0] === "--help" || args[0] === "-h");
    (isHelp ? process.stdout : process.stderr).write(HELP);
    return isHelp ? 0 : 2;
  }
  const { path } = asked;
  const read = readRepoConfig(readText(path), asked.settings === null ? null : allowedBy(asked.settings));
  const faults = read.ok ? [] : read.faults;
  if (asked.json) process.stdout.write(`${JSON.stringify({ path, ok: read.ok, faults }, null, 2)}\n`);
  else if (read.ok) process.stdout.write(`${path} is valid.\n`);
  else
    process.stderr.write(
      faults.map((one) => `${path}:${one.line}:${one.column}: ${faultText(one)}\n`).join(""),
    );
  return read.ok ? 0 : 1;
}

function readArguments(args: readonly string[]): Asked | null {
  const [verb, ...rest] = args;
  if (verb !== "check") return null;
  let path: string | null = null;
  let settings: string | null = null;
  let json = false;
  for (let at = 0; at < rest.length; at++) {
    const word = rest[at] ?? "";
    if (word === "--json") json = true;
    else if (word === "--settings" && rest[at + 1] !== undefined) settings = rest[++at] ?? null;
    else if (word.startsWith("-") || path !== null) return null;
    else path = word;
  }
  return path === null ? null : { path, settings, json };
}

function readText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (cause) {
    throw new AppError("bad_request", `${path} cannot be read.`, "Name the file to check.", cause);
  }
}

/** Which classes a provider offers only it knows: here every class counts. */
function allowedBy(file: string): Allowed {
  const settings = loadFileSettings({ CRABBOX_CONFIG: file });
  const types = () => ["any"];
  return {
    classes: BOX_CLASSES,
    providers: new Map(settings.providers.map(({ name }) => [name, { types }])),
    env: Object.keys(settings.env),
    forks: settings.forks,
  };
}
