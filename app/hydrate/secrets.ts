import { createHmac } from "node:crypto";
import { isUntrusted, trustedDomain } from "../leases/lease.ts";
import type { Repository, Run } from "../store/rows.ts";
import type { StepsAsked } from "./hydrate-asked.ts";

/** What decides whether a run's set-up may have mapped secrets. */
export type SecretsRun = Pick<Run, "baseRef" | "trustDomain"> & {
  readonly options: StepsAsked;
};

/** A repository of the settings, its secrets' values by names in capitals. */
export type MappedRepository = {
  readonly id: number;
  /** `OWNER/NAME`. */
  readonly repository: string;
  readonly bases: readonly string[];
  readonly vars: Readonly<Record<string, string>>;
  readonly secrets: ReadonlyMap<string, string>;
};

type Named = Pick<Repository, "id" | "owner" | "name" | "defaultBranch">;

/** What set-up steps may have of what the server's settings map. */
export type StepSecrets = {
  vars(repository: Named): Readonly<Record<string, string>>;
  /** Names in capitals, or none and why, a half sentence. */
  allowed(
    run: SecretsRun,
    repository: Named,
  ): { readonly names: readonly string[]; readonly why: string | null };
  /** Values of these names; those that this run may not have, or that are not mapped any more, are left out. */
  values(run: SecretsRun, repository: Named, names: readonly string[]): Readonly<Record<string, string>>;
  /** The same to be masked: whoever gets the box, what an earlier set-up had must not be shown. */
  masks(repository: Named, names: readonly string[]): readonly string[];
  /** Tells names and values from others without telling what they are; null for none. */
  digest(repository: Named, names: readonly string[]): string | null;
};

/**
 * The settings' secrets. A repository is known by its id and by its name together: a renamed one gets nothing until the settings follow,
 * and neither does another one that took the name. `key` stays on the server.
 */
export function createStepSecrets(mapped: readonly MappedRepository[], key: Buffer): StepSecrets {
  const find = (repository: Named): MappedRepository | null => {
    const known = mapped.find(({ id }) => id === repository.id);
    return known !== undefined && isNamed(known, repository) ? known : null;
  };
  const allowed = (run: SecretsRun, repository: Named): ReturnType<StepSecrets["allowed"]> => {
    const why = whyNone(mapped, run, repository);
    return why === null ? { names: [...(find(repository)?.secrets.keys() ?? [])], why } : { names: [], why };
  };
  return {
    vars: (repository) => find(repository)?.vars ?? {},
    allowed,
    values(run, repository, names) {
      const may = new Set(allowed(run, repository).names);
      const values = find(repository)?.secrets;
      const pairs = names.map((name) => [name, may.has(name) ? values?.get(name) : undefined] as const);
      return Object.fromEntries(pairs.filter((pair): pair is [string, string] => pair[1] !== undefined));
    },
    masks(repository, names) {
      const values = find(repository)?.secrets;
      return names.map((name) => values?.get(name)).filter((value) => value !== undefined);
    },
    digest(repository, names) {
      const values = find(repository)?.secrets;
      const pairs = [...names].sort().map((name) => [name, values?.get(name) ?? ""]);
      if (pairs.length === 0) return null;
      return createHmac("sha256", key)
        .update(JSON.stringify([repository.id, pairs]))
        .digest("hex");
    },
  };
}

function whyNone(mapped: readonly MappedRepository[], run: SecretsRun, repository: Named): string | null {
  const { id, owner, name, defaultBranch } = repository;
  const slug = `${owner}/${name}`;
  if (isUntrusted(run.trustDomain)) return "code of forks and of Dependabot gets none";
  if (run.options.stepsFrom === "head") return "steps from the head get none";
  // Whatever else there will be: only what is known to be the base's steps on the repository's own boxes.
  if (run.trustDomain !== trustedDomain(id)) return "this run's boxes get none";
  const known = mapped.find((one) => one.id === id);
  if (known === undefined)
    return mapped.some((one) => isNamed(one, repository))
      ? `the server's settings map secrets for another ${slug}, whose id is not ${id}`
      : `the server's settings map none for ${slug} (id ${id})`;
  if (!isNamed(known, repository))
    return `the server's settings know this repository as ${known.repository}, before it was renamed`;
  if (run.baseRef === defaultBranch || known.bases.includes(run.baseRef)) return null;
  return `they are for the base branches ${[defaultBranch, ...known.bases].join(", ")} only`;
}

function isNamed(known: MappedRepository, { owner, name }: Named): boolean {
  return known.repository.toLowerCase() === `${owner}/${name}`.toLowerCase();
}
