/** Shells of `run` steps, with GitHub's exact default arguments (actions/runner ScriptHandlerHelpers.cs, ScriptHandler.cs). */

import { accessSync, constants, statSync } from "node:fs";
import { join } from "node:path";

import { splitArguments } from "./arguments.ts";

export type Shell =
  | {
      readonly argv: (script: string) => string[];
      readonly extension: string;
      readonly contents: (script: string) => string;
      /** As GitHub shows it. */
      readonly shown: string;
    }
  | { readonly fault: string };

const DEFAULT_ARGUMENTS: Readonly<Record<string, string>> = {
  bash: "--noprofile --norc -e -o pipefail {0}",
  sh: "-e {0}",
  python: "{0}",
  pwsh: `-command ". '{0}'"`,
  powershell: `-command ". '{0}'"`,
};

const EXTENSIONS: Readonly<Record<string, string>> = {
  bash: ".sh",
  sh: ".sh",
  python: ".py",
  pwsh: ".ps1",
  powershell: ".ps1",
};

/**
 * The shell for a step. `find` gives a program's path, or null; in a container it gives the name itself, because only there it can
 * be looked for.
 */
export function shellFor(
  setting: string,
  find: (name: string) => string | null,
  isInContainer: boolean,
): Shell {
  if (setting === "") {
    const path = isInContainer ? "sh" : (find("bash") ?? find("sh"));
    if (path === null) return { fault: "There is neither bash nor sh on the PATH." };
    return made("sh", path, DEFAULT_ARGUMENTS["sh"] ?? "");
  }
  const space = setting.indexOf(" ");
  const name = space === -1 ? setting : setting.slice(0, space);
  const given = space === -1 ? "" : setting.slice(space + 1).trimStart();
  const format = given === "" ? (DEFAULT_ARGUMENTS[name.toLowerCase()] ?? "") : given;
  if (!format.includes("{0}"))
    return {
      fault: `"${setting}" is no shell that is known here (bash, sh, python, pwsh), and no command with {0} where the script's path belongs.`,
    };
  const path = find(name);
  if (path === null) return { fault: `The shell ${name} was not found on the PATH.` };
  return made(name, path, format);
}

/** The program's file on the PATH (`paths` joined by colons); a name with a slash is taken as it is. */
export function which(name: string, paths: string): string | null {
  if (name.includes("/")) return isProgram(name) ? name : null;
  for (const directory of paths.split(":")) {
    const file = join(directory === "" ? "." : directory, name);
    if (isProgram(file)) return file;
  }
  return null;
}

function made(name: string, path: string, format: string): Shell {
  const kind = name.toLowerCase();
  return {
    argv: (script) => [path, ...splitArguments(format.replaceAll("{0}", script.replaceAll('"', '\\"')))],
    extension: EXTENSIONS[kind] ?? "",
    contents: (script) =>
      name === "pwsh" || name === "powershell"
        ? `$ErrorActionPreference = 'stop'\n${script}\nif ((Test-Path -LiteralPath variable:\\LASTEXITCODE)) { exit $LASTEXITCODE }`
        : script,
    shown: `${path} ${format}`,
  };
}

function isProgram(file: string): boolean {
  try {
    // Asked first, because most directories of a PATH have it not, and an error that is thrown costs ten times as much as this answer.
    if (statSync(file, { throwIfNoEntry: false })?.isFile() !== true) return false;
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    // Not for this user, or in a directory that it may not look into.
    return false;
  }
}
