import type { Allowed } from "./allowed.ts";
import { crossProblems } from "./cross-problems.ts";
import { MAX_FAULTS, type Fault } from "./fault.ts";
import { parseYaml, type ParsedYaml } from "./parse.ts";
import type { Problem } from "./problem.ts";
import { RepoConfigFile, type RepoConfig } from "./schema.ts";
import { serverProblems } from "./server-problems.ts";
import { shapeProblems } from "./shape-problems.ts";

/** Where the file stands in a repository. */
export const CONFIG_PATH = ".github/crabbox.yml";

export type ReadConfig =
  | { readonly ok: true; readonly config: RepoConfig }
  /** In the order of the text; at least one, at most `MAX_FAULTS`. */
  | { readonly ok: false; readonly faults: readonly Fault[] };

/**
 * The text of `.github/crabbox.yml`, or every fault of it with its place. `allowed` is what the server's settings allow; null checks the
 * file by itself. Pure, bounded in time whatever the text holds, never throws for it.
 */
export function readRepoConfig(text: string, allowed: Allowed | null): ReadConfig {
  const yaml = parseYaml(text);
  if (!yaml.ok) return yaml;
  const parsed = RepoConfigFile.safeParse(yaml.value);
  if (!parsed.success) return faulty(yaml, shapeProblems(parsed.error, yaml.value));
  const config = parsed.data;
  const problems = [...crossProblems(config), ...(allowed === null ? [] : serverProblems(config, allowed))];
  return problems.length === 0 ? { ok: true, config } : faulty(yaml, problems);
}

function faulty(yaml: Extract<ParsedYaml, { ok: true }>, problems: readonly Problem[]): ReadConfig {
  // Each looks its place up from the top: those beyond the bound are not looked up at all.
  const faults = problems.slice(0, MAX_FAULTS).map(({ path, atKey, message }) => {
    const { line, column } = yaml.place(path, atKey);
    const key = (atKey === true ? path.slice(0, -1) : path).map(String).join(".");
    return { line, column, key, message };
  });
  return { ok: false, faults: faults.sort((a, b) => a.line - b.line || a.column - b.column) };
}
