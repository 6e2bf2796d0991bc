import { z } from "zod";
import { AppError } from "../errors.ts";

/** A delivery as intake hands it on. */
export type WebhookDelivery = {
  /** GitHub's GUID. */
  readonly guid: string;
  /** Anything: only a schema makes it ours. */
  readonly payload: unknown;
};

/** GitHub's numeric ids. */
const Id = z.number().int().positive();
/** Logins, names and refs are far shorter; git's own limit for a ref is a path's. */
const Name = z.string().min(1).max(4_096);
const Sha = z.string().regex(/^(?:[0-9a-f]{40}|[0-9a-f]{64})$/u);
/** GitHub's times, as epoch ms. */
const Time = z.iso.datetime({ offset: true }).transform((text) => Date.parse(text));

const Owner = z.object({ id: Id, login: Name, type: Name });
const Installation = z.object({ id: Id });
const Repository = z.object({
  id: Id,
  name: Name,
  private: z.boolean(),
  default_branch: Name,
  owner: Owner,
});

const Common = z.object({ installation: Installation, repository: Repository, sender: Owner });
export type Common = z.infer<typeof Common>;

/**
 * GitHub allows 65,536 characters of a comment; ours are UTF-16 units, at most two for one of theirs. Twice that again is nobody's comment.
 */
const MAX_BODY_UNITS = 262_144;

/** What is read of `issue_comment`. */
export const IssueComment = Common.extend({
  issue: z.object({
    number: Id,
    /** Only pull requests have it. */
    pull_request: z.unknown().optional(),
  }),
  comment: z.object({
    id: Id,
    body: z.string().max(MAX_BODY_UNITS).nullable(),
    created_at: Time,
    user: Owner.nullable(),
    performed_via_github_app: z.object({ id: Id }).nullish(),
  }),
});

/** What is read of `pull_request.closed`. */
export const PullRequestClosed = Common.extend({
  pull_request: z.object({ number: Id, closed_at: Time.nullish() }),
});

/** What is read of `pull_request.synchronize`. */
export const PullRequestSynchronize = Common.extend({
  before: Sha,
  after: Sha,
  pull_request: z.object({ number: Id, updated_at: Time }),
});

/** What is read of `pull_request.edited`: only another base matters. */
export const PullRequestEdited = Common.extend({
  changes: z.object({ base: z.object({ ref: z.object({ from: Name }) }).optional() }).optional(),
  pull_request: z.object({ number: Id, base: z.object({ ref: Name }) }),
});

/** What is read of `pull_request.opened`, `.reopened` and `.ready_for_review`. */
export const PullRequestOpened = Common.extend({
  action: z.enum(["opened", "reopened", "ready_for_review"]),
  pull_request: z.object({ number: Id, head: z.object({ sha: Sha }) }),
});

/** What is read of `pull_request.labeled`. */
export const PullRequestLabeled = Common.extend({
  label: z.object({ name: Name }),
  pull_request: z.object({ number: Id, head: z.object({ sha: Sha }) }),
});

/** What is read of `check_run.rerequested`. */
export const CheckRunRerequested = Common.extend({
  check_run: z.object({
    external_id: z.string().max(255).nullish(),
    app: z.object({ id: Id }).nullish(),
  }),
});

/** What is read of `check_run.requested_action`. */
export const CheckRunActionRequested = CheckRunRerequested.extend({
  /** Ours have at most GitHub's 20 characters; what is longer is nobody's. */
  requested_action: z.object({ identifier: z.string().max(255) }),
});

/** What is read of `check_suite.rerequested`. */
export const CheckSuiteRerequested = Common.extend({
  check_suite: z.object({ head_sha: Sha, app: z.object({ id: Id }).nullish() }),
});

/** What is read of `installation`. */
export const InstallationChanged = z.object({
  action: z.string(),
  installation: z.object({ id: Id, account: Owner }),
  sender: Owner,
});

/** What is read of `installation_repositories`. */
export const InstallationRepositories = InstallationChanged.extend({
  /** GitHub names all of them here, in one payload. */
  repositories_removed: z.array(z.object({ id: Id })).max(100_000),
});

/** The payload as its schema says. Throws `bad_request` naming the fields, so that the delivery is kept as a dead letter. */
export function readPayload<T>(schema: z.ZodType<T>, delivery: WebhookDelivery): T {
  const parsed = schema.safeParse(delivery.payload);
  if (parsed.success) return parsed.data;
  const fields = parsed.error.issues.map(({ path }) => path.join(".") || "(all)");
  throw new AppError(
    "bad_request",
    `Delivery ${delivery.guid} lacks what its event must have: ${fields.join(", ")}.`,
    "See the delivery on the App's page on GitHub; a newer GitHub may send another shape.",
    parsed.error,
  );
}
