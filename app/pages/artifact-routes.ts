import type { FastifyInstance } from "fastify";
import { z } from "zod";
import { failureBundle } from "../bundle/bundle.ts";
import { toldOfBox } from "../bundle/told.ts";
import { AppError } from "../errors.ts";
import type { Run } from "../store/rows.ts";
import { hasBundle } from "./artifact-lines.ts";
import type { LogDeps } from "./log-access.ts";
import { quietly, type RunOf } from "./log-routes.ts";

/** The part of an address that names one. */
export const ArtifactParams = z.object({
  artifact: z.coerce.number().int().min(1).max(Number.MAX_SAFE_INTEGER),
});

/** Each reads a log thrice and packs it. */
const BUNDLES_MAX = 3;
/** A log of 256 MiB packs to some 40: 10 minutes are a line of 0.5 Mbit/s. Who does not read holds no place for longer. */
const BUNDLE_MAX_MS = 10 * 60_000;

/**
 * What a run left, below `prefix`: `artifacts/:artifact` leads to where the file is served, by an address of a few minutes; `bundle` is the failure
 * bundle. Who may read is `runOf`'s business, as for the log.
 */
export function artifactRoutes(server: FastifyInstance, deps: LogDeps, prefix: string, runOf: RunOf): void {
  let bundles = 0;
  quietly(server, `${prefix}/artifacts/:artifact`, async (request, reply) => {
    const run = await runOf(request);
    const params = ArtifactParams.safeParse(request.params);
    const artifact = params.success ? await deps.artifacts.get(params.data.artifact) : null;
    if (artifact === null || artifact.runId !== run.id) throw gone();
    return reply.redirect(deps.artifacts.url(artifact), 303);
  });
  quietly(server, `${prefix}/bundle`, async (request, reply) => {
    const run = await runOf(request);
    if (!hasBundle(run))
      throw new AppError("not_found", "There is a bundle of runs that failed only.", "Open the run's page.");
    if (bundles >= BUNDLES_MAX)
      throw new AppError("busy", "Too many bundles are being made.", "Try again in a minute.");
    bundles += 1;
    const bundle = await bundleOf(deps, run).catch((thrown: unknown) => {
      bundles -= 1;
      throw thrown;
    });
    const timer = setTimeout(() => bundle.destroy(), BUNDLE_MAX_MS);
    bundle.once("close", () => {
      clearTimeout(timer);
      bundles -= 1;
    });
    return reply
      .type("application/gzip")
      .header("content-disposition", `attachment; filename="${run.id}.tar.gz"`)
      .send(bundle);
  });
}

async function bundleOf(deps: LogDeps, run: Run) {
  const [repository, attempts] = await Promise.all([
    deps.store.repositories.get(run.repositoryId),
    deps.store.attempts.ofRun(run.id),
  ]);
  if (repository === null) throw gone();
  const last = attempts.at(-1);
  const logs = attempts.map(({ id, n }) => ({
    n,
    read: (offset: number, maxBytes: number) => deps.logs.read(id, offset, maxBytes),
  }));
  const lease = last === undefined ? null : await deps.store.leases.get(last.leaseId);
  const newest = logs.at(-1);
  const told = newest === undefined ? { task: null, box: null } : await toldOfBox(newest.read);
  return failureBundle({ run, repository, attempts, lease, told }, logs, run.id);
}

function gone(): AppError {
  return new AppError(
    "not_found",
    "This run has no such artifact, or it is not kept any more.",
    "Run the command again for a new one.",
  );
}
