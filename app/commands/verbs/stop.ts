import { writeDuration } from "../../duration.ts";
import type { LeaseId } from "../../ids.ts";
import type { Lease } from "../../store/rows.ts";
import { defineCommand, type CommandContext, type CommandDeps } from "../command.ts";
import { echo } from "../flags.ts";
import { isEndable, leasesOf, stopLease } from "../leases-of.ts";
import { oneWord } from "../one-word.ts";

/** `/crabbox stop [LEASE]`: ends one box of the repository, or all of the pull request. */
export const stop = defineCommand<{ readonly lease: string | null }>({
  verb: "stop",
  usage: "stop [LEASE]",
  summary: "Ends the boxes of this pull request, or the one named by id or name; runs on them are cancelled.",
  details: [],
  flags: [],
  takesCommand: false,
  needsBase: false,
  permission: "write",
  parse: ({ words }) => oneWord(words, (lease) => ({ lease })),

  async handle(deps, context, { lease: typed }) {
    const leases = await wanted(deps, context, typed);
    if (leases.length === 0) {
      const body =
        typed === null
          ? "This pull request has no box, so nothing was stopped."
          : `This repository has no live box ${echo(typed)}. \`/crabbox status\` lists those of this pull request.`;
      return { ok: false, body };
    }
    const stopOne = async (lease: Lease): Promise<string> => {
      const gone = await stopLease(deps, lease, {
        reason: "stopped",
        cancel: {
          outcome: "cancelled",
          by: context.actor.login,
          reason: `${context.actor.login} stopped its box.`,
        },
      });
      const age = writeDuration(Math.floor((deps.clock.now() - lease.createdAt) / 1_000) * 1_000);
      return gone
        ? `Stopped \`${lease.slug}\` (\`${lease.id}\`) after ${age}.`
        : `\`${lease.slug}\` (\`${lease.id}\`) is ending; its provider does not answer now and is asked again.`;
    };
    const lines = await Promise.all(leases.map(stopOne));
    return { ok: true, body: lines.join("\n\n") };
  },
});

async function wanted(
  deps: CommandDeps,
  context: CommandContext,
  typed: string | null,
): Promise<readonly Lease[]> {
  if (typed === null) return leasesOf(deps, context.repository.id, context.pullRequest.number);
  const live = await deps.store.leases.live({ repositoryId: context.repository.id });
  const name = typed.toLowerCase();
  return live.filter(isEndable).filter(({ id, slug }) => id === (name as LeaseId) || slug === name);
}
