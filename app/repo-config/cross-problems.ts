import { didYouMean } from "../did-you-mean.ts";
import { listed, meant, type Problem } from "./problem.ts";
import type { RepoConfig } from "./schema.ts";

/** What no single key shows: entries that name each other, keys that belong together. */
export function crossProblems(config: RepoConfig): readonly Problem[] {
  return [...autoProblems(config), ...forkProblems(config), ...patternProblems(["paths"], config.paths)];
}

function autoProblems({ auto, commands }: RepoConfig): readonly Problem[] {
  const names = Object.keys(commands);
  return Object.entries(auto).flatMap(([key, entry]) => {
    const problems: Problem[] = [];
    if (!Object.hasOwn(commands, entry.command)) {
      const guess = meant(didYouMean(entry.command, names));
      const message = `There is no command \`${entry.command}\` in \`commands\`.${guess} There are ${listed(names)}.`;
      problems.push({ path: ["auto", key, "command"], message });
    }
    if (entry.on === "label" && entry.label === undefined)
      problems.push({ path: ["auto", key, "on"], message: "`on: label` needs `label`, the label's name." });
    if (entry.on === "push" && entry.label !== undefined)
      problems.push({ path: ["auto", key, "label"], message: "`label` belongs to `on: label`." });
    return problems.concat(patternProblems(["auto", key, "paths"], entry.paths));
  });
}

function forkProblems({ forks }: RepoConfig): readonly Problem[] {
  if (forks.policy === "approve_team" && forks.team === undefined)
    return [{ path: ["forks", "policy"], message: "`approve_team` needs `team`, as `org/slug`." }];
  if (forks.policy !== "approve_team" && forks.team !== undefined)
    return [{ path: ["forks", "team"], message: "`team` belongs to `policy: approve_team`." }];
  return [];
}

function patternProblems(
  path: readonly string[],
  patterns: readonly string[] | undefined,
): readonly Problem[] {
  if (patterns === undefined || patterns.some((one) => !one.startsWith("!"))) return [];
  return [
    {
      path,
      message:
        "Every path here is left out by its `!`, so nothing would match; name what is meant first, such as `**`.",
    },
  ];
}
