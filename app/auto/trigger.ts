import type { Sender } from "../commands/authorize.ts";
import type { Repository } from "../store/rows.ts";

/** What may make runs start by themselves: one delivery about one pull request. */
export type Trigger = {
  /** The delivery's GUID: the same one again never does anything twice. */
  readonly guid: string;
  readonly installationId: number;
  readonly repository: Repository;
  readonly pullRequest: number;
  /** The pull request's head as the delivery tells it. */
  readonly headSha: string;
  readonly sender: Sender;
  readonly cause:
    /** `isNew`: a commit nobody has tested; else the pull request was reopened or is no draft any more. */
    { readonly kind: "push"; readonly isNew: boolean } | { readonly kind: "label"; readonly label: string };
};
