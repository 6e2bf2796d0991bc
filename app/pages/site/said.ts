import type { TextPart } from "../../render/site-views.ts";
import type { SiteDeps } from "./deps.ts";
import type { Visitor } from "./visitor.ts";
import { textParts } from "./words.ts";

/** The GUID of what one form asks: the same form sent twice is one cause, and nobody else's form is. */
export function guidOf(visitor: Visitor, key: string): string {
  return `page:${visitor.session.userId}:${key}`;
}

/** What was answered to the visitor's own form, where it belongs here; nothing when there was none. */
export async function saidTo(
  deps: Pick<SiteDeps, "store">,
  visitor: Visitor,
  key: string | undefined,
  /** Null: wherever. */
  here: { readonly repositoryId: number; readonly pullRequest: number | null } | null,
): Promise<readonly TextPart[]> {
  if (key === undefined) return [];
  const answer = await deps.store.answers.get(`${guidOf(visitor, key)}:0`);
  if (answer === null) return [];
  if (here === null) return textParts(answer.body);
  const isHere = answer.repositoryId === here.repositoryId && answer.pullRequest === here.pullRequest;
  return isHere ? textParts(answer.body) : [];
}
