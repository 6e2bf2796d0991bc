import { z } from "zod";
import { read } from "./call.ts";
import { as, pacedCreate, pacedWrite } from "./hub.ts";
import type { Created, Hub, Pace, RepositoryRef } from "./hub.ts";
import type { Paced } from "./pacer.ts";

const commentSchema = z
  .object({
    id: z.number(),
    html_url: z.string(),
    body: z.string().optional(),
    performed_via_github_app: z.object({ id: z.number() }).nullish(),
  })
  .transform((reply) => ({
    id: reply.id,
    htmlUrl: reply.html_url,
    body: reply.body ?? "",
    appId: reply.performed_via_github_app?.id ?? null,
  }));

export type Comment = Readonly<z.infer<typeof commentSchema>>;

export type Comments = {
  /** The first comment that this App posted on the pull request and that holds `marker`; null when there is none. */
  findOurs(
    repository: RepositoryRef,
    number: number,
    marker: string,
    signal?: AbortSignal,
  ): Promise<Comment | null>;
  /** `body` at most 65,536 characters. */
  create(repository: RepositoryRef, number: number, body: string, pace: Pace): Promise<Created<Comment>>;
  /** Only the newest waiting body is sent. Rejects with github_gone when somebody deleted the comment. */
  update(repository: RepositoryRef, commentId: number, body: string, pace: Pace): Promise<Paced<Comment>>;
};

/** GitHub's page size limit. */
const PAGE_SIZE = 100;
/** GitHub allows 2,500 comments on an issue; twice that is looked through. */
const MAX_PAGES = 50;

/** Comments of pull requests over GitHub's API; failures are thrown as call.ts sorts them. */
export function createComments(hub: Hub): Comments {
  return {
    async findOurs(repository, number, marker, signal) {
      for (let page = 1; page <= MAX_PAGES; page += 1) {
        const comments = await listPage(hub, repository, number, page, signal);
        // Anybody may paste our marker: only what was posted through this App counts.
        const ours = comments.find((comment) => comment.appId === hub.appId && comment.body.includes(marker));
        if (ours !== undefined) return ours;
        if (comments.length < PAGE_SIZE) return null;
      }
      return null;
    },
    create: (repository, number, body, pace) =>
      pacedCreate(hub, { repository, content: true }, pace, {
        what: "create comment",
        reply: commentSchema,
        send: (rest, options) =>
          rest.issues.createComment({
            owner: repository.owner,
            repo: repository.name,
            issue_number: number,
            body,
            ...options,
          }),
      }),
    update: (repository, commentId, body, pace) =>
      pacedWrite(hub, { repository, key: `comment:${commentId}`, content: false }, pace, {
        what: "update comment",
        reply: commentSchema,
        send: (rest, options) =>
          rest.issues.updateComment({
            owner: repository.owner,
            repo: repository.name,
            comment_id: commentId,
            body,
            ...options,
          }),
      }),
  };
}

function listPage(
  hub: Hub,
  repository: RepositoryRef,
  number: number,
  page: number,
  signal?: AbortSignal,
): Promise<Comment[]> {
  return read(hub.calls, {
    what: "list comments",
    ...as(repository.installationId),
    reply: z.array(commentSchema),
    signal,
    send: (rest, options) =>
      rest.issues.listComments({
        owner: repository.owner,
        repo: repository.name,
        issue_number: number,
        per_page: PAGE_SIZE,
        page,
        ...options,
      }),
  });
}
