import { z } from "zod";
import { dispatch, type DispatchDeps } from "../commands/dispatch.ts";
import { mayHoldCommand } from "../commands/grammar.ts";
import { IssueComment, readPayload, type WebhookDelivery } from "./payload.ts";
import { remember, type RememberDeps } from "./remember.ts";

/** `issue_comment.created` on a pull request: its commands, if it has any. Edits are never commands. */
export async function onIssueComment(
  deps: DispatchDeps & RememberDeps,
  delivery: WebhookDelivery,
): Promise<void> {
  const payload = readPayload(IssueComment, delivery);
  const { comment, issue } = payload;
  if (issue.pull_request === undefined || issue.pull_request === null) return;
  // Nearly every comment ends here, before anything is stored or asked.
  if (comment.body === null || comment.user === null || !mayHoldCommand(comment.body)) return;
  const repository = await remember(deps, delivery.guid, payload);
  if (repository === null) return;
  const dispatched = await dispatch(deps, {
    guid: delivery.guid,
    installationId: payload.installation.id,
    repository,
    pullRequest: issue.number,
    comment: { id: comment.id, body: comment.body, createdAt: comment.created_at },
    sender: { ...comment.user, viaAppId: comment.performed_via_github_app?.id ?? null },
  });
  deps.log.info({ delivery: delivery.guid, comment: comment.id, ...dispatched }, "a comment was read");
}

const Body = z.object({ comment: z.object({ body: z.string() }) });

/** False when the comment surely has no command; cheap enough for every comment there is. */
export function mayHoldCommands(payload: unknown): boolean {
  const parsed = Body.safeParse(payload);
  // What has another shape is for the handler to judge.
  return !parsed.success || mayHoldCommand(parsed.data.comment.body);
}
