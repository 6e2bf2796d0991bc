import type { Repository } from "../store/rows.ts";
import { authorize, judgeKind, withCap, type Sender } from "./authorize.ts";
import { carryOutOne } from "./carry-out.ts";
import { createContext } from "./context.ts";
import type { DispatchDeps } from "./dispatch.ts";
import { parseComment } from "./grammar.ts";

export type ActDeps = Omit<DispatchDeps, "react" | "maxAgeMs" | "tokenAhead">;

export type Act = {
  /** Of the cause: the same one again never does anything twice. The answer is kept as `GUID:0`. */
  readonly guid: string;
  readonly installationId: number;
  readonly repository: Repository;
  readonly pullRequest: number;
  readonly sender: Sender;
  /** Whether who may not is told so in the pull request's comment, once. A page tells it itself. */
  readonly tellsRefusal: boolean;
  /** Looked up only once it is known that they may. `text` is without `/crabbox`; `message` says why there is none, as Markdown. */
  readonly command: () => Promise<
    | { readonly ok: true; readonly text: string; readonly sourceKey: string }
    | { readonly ok: false; readonly message: string }
  >;
};

export type Acted =
  | { readonly kind: "not_allowed"; readonly why: "own" | "bot" | "role" }
  | { readonly kind: "answered"; readonly ok: boolean };

/**
 * A command that somebody gave by a button, of a check or of a page, carried out as if they had commented it: permission is asked of GitHub
 * now, and the answer stands in the sticky comment. Safe to repeat.
 */
export async function act(deps: ActDeps, wanted: Act): Promise<Acted> {
  const { repository, sender, guid, pullRequest } = wanted;
  const known = judgeKind(deps, sender);
  if (known?.allowed === false) return { kind: "not_allowed", why: known.why };

  const ref = { installationId: wanted.installationId, owner: repository.owner, name: repository.name };
  const cause = { repository, pullRequest, sender, comment: null, source: "button" } as const;
  const [authorization, context] = await Promise.all([
    authorize(deps, ref, sender),
    createContext(deps, ref, cause, false),
  ]);
  const answer = async (key: string, body: string) => {
    const of = { repositoryId: repository.id, pullRequest, actor: sender.login };
    await deps.store.answers.put({ ...of, key, body });
    await deps.refreshSticky(repository.id, pullRequest);
  };
  if (!authorization.allowed) {
    // Once for a person and a pull request: more would be a lever for spam.
    if (wanted.tellsRefusal)
      await answer(
        `press-refused:${repository.id}:${pullRequest}:${sender.id}`,
        `The buttons need write access to this repository; you have \`${authorization.role}\`.`,
      );
    return { kind: "not_allowed", why: authorization.why };
  }

  const meant = await wanted.command();
  if (!meant.ok) {
    await answer(`${guid}:0`, meant.message);
    return { kind: "answered", ok: false };
  }
  const [command] = parseComment(`/crabbox ${meant.text}`, deps.commands).commands;
  if (command === undefined) return { kind: "answered", ok: false };
  const actor = withCap(context.actor, authorization);
  const reply = await carryOutOne(deps, { ...context, actor, sourceKey: meant.sourceKey }, command);
  if (reply.body !== null) await answer(`${guid}:0`, reply.body);
  else await deps.refreshSticky(repository.id, pullRequest);
  return { kind: "answered", ok: reply.ok };
}
