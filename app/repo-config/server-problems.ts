import type { BoxClass } from "../../providers/provider.ts";
import { didYouMean } from "../did-you-mean.ts";
import type { Allowed } from "./allowed.ts";
import { listed, meant, type Problem } from "./problem.ts";
import type { RepoConfig } from "./schema.ts";

type Options = { readonly class?: BoxClass | undefined; readonly provider?: string | undefined };

/** What the file names and the server's settings do not have, or the file's own limits take away (law 12). */
export function serverProblems(config: RepoConfig, allowed: Allowed): readonly Problem[] {
  const { limits } = config;
  const options: [readonly string[], Options][] = [
    [["defaults"], config.defaults],
    ...Object.entries(config.commands).map(([name, one]): [string[], Options] => [["commands", name], one]),
  ];
  return [
    ...options.flatMap(([path, one]) => optionProblems(path, one, config, allowed)),
    ...(limits.classes ?? []).flatMap((one, index) =>
      classProblem(["limits", "classes", index], one, allowed.classes),
    ),
    ...(limits.providers ?? []).flatMap((one, index) =>
      providerProblem(["limits", "providers", index], one, [...allowed.providers.keys()], SERVER),
    ),
    ...envProblems(config, allowed),
    ...forkProblems(config, allowed),
  ];
}

const SERVER = "This server has no provider";
const LIMITED = "The file's own `limits.providers` leaves out the provider";

function optionProblems(
  path: readonly string[],
  one: Options,
  { limits }: RepoConfig,
  allowed: Allowed,
): readonly Problem[] {
  const problems: Problem[] = [];
  if (one.class !== undefined) {
    const own = limits.classes ?? allowed.classes;
    problems.push(
      ...classProblem(
        [...path, "class"],
        one.class,
        allowed.classes.filter((each) => own.includes(each)),
      ),
    );
  }
  if (one.provider === undefined) return problems;
  const names = [...allowed.providers.keys()];
  const offered = providerProblem([...path, "provider"], one.provider, names, SERVER);
  if (offered.length > 0) return [...problems, ...offered];
  if (limits.providers !== undefined)
    problems.push(...providerProblem([...path, "provider"], one.provider, limits.providers, LIMITED));
  const provider = allowed.providers.get(one.provider);
  if (one.class !== undefined && problems.length === 0 && provider?.types(one.class).length === 0) {
    const has = allowed.classes.filter((each) => provider.types(each).length > 0);
    const message = `Provider \`${one.provider}\` does not offer the class \`${one.class}\`. It offers ${listed(has)}.`;
    problems.push({ path: [...path, "class"], message });
  }
  return problems;
}

function classProblem(
  path: Problem["path"],
  one: BoxClass,
  offered: readonly BoxClass[],
): readonly Problem[] {
  if (offered.includes(one)) return [];
  return [{ path, message: `The class \`${one}\` is not offered here. There are ${listed(offered)}.` }];
}

function providerProblem(
  path: Problem["path"],
  name: string,
  names: readonly string[],
  what: string,
): readonly Problem[] {
  if (names.includes(name)) return [];
  return [
    { path, message: `${what} \`${name}\`.${meant(didYouMean(name, names))} There are ${listed(names)}.` },
  ];
}

function envProblems({ env }: RepoConfig, allowed: Allowed): readonly Problem[] {
  return (env ?? []).flatMap((name, index) => {
    if (allowed.env.includes(name)) return [];
    const guess = meant(didYouMean(name, allowed.env));
    const message = `The server's settings give no variable \`${name}\`.${guess} They give ${listed(allowed.env)}.`;
    return [{ path: ["env", index], message }];
  });
}

function forkProblems({ forks }: RepoConfig, allowed: Allowed): readonly Problem[] {
  const { policy, team } = allowed.forks;
  if (policy !== "approve_team" || forks.team === undefined || forks.team === team) return [];
  return [
    { path: ["forks", "team"], message: `The server's settings name the team already: \`${team ?? ""}\`.` },
  ];
}
