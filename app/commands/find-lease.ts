import type { LeaseId } from "../ids.ts";
import type { Lease } from "../store/rows.ts";
import type { CommandContext, CommandDeps } from "./command.ts";
import { echo } from "./flags.ts";
import { leasesOf, type LeasesDeps } from "./leases-of.ts";

export type FoundLease =
  | { readonly ok: true; readonly lease: Lease }
  | { readonly ok: false; readonly message: string };

type Deps = {
  readonly store: LeasesDeps["store"] & { readonly leases: CommandDeps["store"]["leases"] };
};

/** Names listed when there are several to choose from. */
const MAX_NAMED = 5;

/**
 * The pull request's live box that a person named by id or name, or its only one. One of another pull request does not exist here:
 * whoever spends on it does so where its people see it.
 */
export async function findLease(
  deps: Deps,
  context: Pick<CommandContext, "repository" | "pullRequest">,
  typed: string | null,
): Promise<FoundLease> {
  const leases = await leasesOf(deps, context.repository.id, context.pullRequest.number);
  const name = typed?.toLowerCase() ?? null;
  const meant = name === null ? leases : leases.filter(({ id, slug }) => id === name || slug === name);
  const [lease, other] = meant;
  if (lease === undefined) return { ok: false, message: await none(deps, context, name) };
  if (other !== undefined) {
    const names = meant.slice(0, MAX_NAMED).map(({ slug, id }) => `\`${slug}\` (\`${id}\`)`);
    return { ok: false, message: `Which box is meant? Name one of ${names.join(", ")}.` };
  }
  if (lease.state === "requested")
    return { ok: false, message: `\`${lease.slug}\` is still being made. Ask again when it is ready.` };
  return { ok: true, lease };
}

async function none(
  deps: Deps,
  { repository }: Pick<CommandContext, "repository">,
  name: string | null,
): Promise<string> {
  if (name === null) return "This pull request has no box. `/crabbox warmup` makes one.";
  const known =
    (await deps.store.leases.get(name as LeaseId)) ??
    (await deps.store.leases.bySlug(repository.accountId, name));
  if (known?.repositoryId === repository.id && (known.state === "ending" || known.state === "ended")) {
    const why = known.endReason?.replaceAll("_", " ") ?? "released";
    return `The box \`${known.slug}\` has ended (${why}). \`/crabbox warmup\` makes another one.`;
  }
  return `This pull request has no live box ${echo(name)}. \`/crabbox status\` lists its boxes.`;
}
