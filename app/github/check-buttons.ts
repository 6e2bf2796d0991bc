import { z } from "zod";
import type { CheckContent } from "./check-content.ts";
import { pacedWrite } from "./hub.ts";
import type { Hub, Pace, RepositoryRef } from "./hub.ts";

const changedSchema = z.object({ id: z.number() });

export type CheckButtons = {
  /** Replaces the buttons of a check run and nothing else; for one whose result is shown. Safe to repeat. */
  replace(
    repository: RepositoryRef,
    checkRunId: number,
    actions: NonNullable<CheckContent["actions"]>,
    pace: Pace,
  ): Promise<unknown>;
};

/** The buttons of check runs over GitHub's API; failures are thrown as call.ts sorts them. */
export function createCheckButtons(hub: Hub): CheckButtons {
  return {
    replace: (repository, checkRunId, actions, pace) =>
      pacedWrite(hub, { repository, key: `check-buttons:${checkRunId}`, content: false }, pace, {
        what: "replace buttons of a check run",
        reply: changedSchema,
        send: (rest, options) =>
          rest.checks.update({
            owner: repository.owner,
            repo: repository.name,
            check_run_id: checkRunId,
            actions: actions.map((action) => ({ ...action })),
            ...options,
          }),
      }),
  };
}
