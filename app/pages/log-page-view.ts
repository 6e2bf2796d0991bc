import { shortLine } from "../clamp.ts";
import { AppError } from "../errors.ts";
import type { LogPageView } from "../render/page-views.ts";
import { commandSummary } from "../runs/report-commands.ts";
import type { Run } from "../store/rows.ts";
import { leftView } from "./artifact-lines.ts";
import type { LogPagesDeps } from "./log-access.ts";
import { runStatus } from "./run-status.ts";

const COMMAND_BYTES = 300;
const SHORT_SHA = 12;

/** The page as it is before its script runs. `base` is the link's path. */
export async function pageView(
  deps: LogPagesDeps,
  run: Run,
  base: string,
  assets: string,
): Promise<LogPageView> {
  const [repository, state, artifacts] = await Promise.all([
    deps.store.repositories.get(run.repositoryId),
    runStatus(deps, run.id),
    deps.artifacts.ofRun(run.id),
  ]);
  if (repository === null || state === null) {
    throw new AppError(
      "not_found",
      "This run is not kept any more.",
      "Comment the command again for a new one.",
    );
  }
  const slug = `${repository.owner}/${repository.name}`;
  const { title, tone, attempt } = state.status;
  return {
    assets,
    base,
    title,
    tone,
    repository: slug,
    command: shortLine(commandSummary(run), COMMAND_BYTES),
    sha: run.checkoutSha,
    shortSha: run.checkoutSha.slice(0, SHORT_SHA),
    commitUrl: `${deps.webUrl.replace(/\/$/u, "")}/${slug}/commit/${run.checkoutSha}`,
    runId: run.id,
    attempt,
    ...leftView(artifacts, state.run, state.attempt, base, deps.clock.now()),
  };
}
