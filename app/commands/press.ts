import { keepForMs } from "../leases/keep.ts";
import { commandOf } from "../runs/buttons.ts";
import type { Repository, Run } from "../store/rows.ts";
import type { Store } from "../store/store.ts";
import { authorize, judgeKind, withCap, type Sender } from "./authorize.ts";
import { carryOutOne } from "./carry-out.ts";
import { createContext } from "./context.ts";
import type { DispatchDeps } from "./dispatch.ts";
import { echo } from "./flags.ts";
import { parseComment } from "./grammar.ts";

export type PressDeps = Omit<DispatchDeps, "store" | "react" | "maxAgeMs" | "tokenAhead"> & {
  readonly store: Omit<DispatchDeps["store"], "attempts"> & {
    readonly attempts: Pick<Store["attempts"], "get" | "ofRun">;
  };
};

export type Press = {
  /** The delivery's GUID: the same one again never does anything twice. */
  readonly guid: string;
  readonly installationId: number;
  readonly repository: Repository;
  /** Who pressed. */
  readonly sender: Sender;
  /** The run whose check it is. */
  readonly run: Run;
  /** As GitHub sends it back; anything. */
  readonly identifier: string;
};

export type Pressed =
  | { readonly kind: "not_allowed"; readonly why: "own" | "bot" | "role" }
  /** Nowhere to act or to answer. */
  | { readonly kind: "no_pull_request" }
  | { readonly kind: "answered"; readonly ok: boolean };

/**
 * A press on a button of one of our checks: the button's command, carried out as if its presser had commented it, with the same
 * permission asked of GitHub now. Answers stand in the sticky comment, since a press has no comment to react to. Safe to repeat; what
 * two people press at once happens once.
 */
export async function press(deps: PressDeps, pressed: Press): Promise<Pressed> {
  const { repository, run, sender, guid } = pressed;
  const { pullRequest } = run;
  if (pullRequest === null) return { kind: "no_pull_request" };
  const known = judgeKind(deps, sender);
  if (known?.allowed === false) return { kind: "not_allowed", why: known.why };

  const ref = { installationId: pressed.installationId, owner: repository.owner, name: repository.name };
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
    await answer(
      `press-refused:${repository.id}:${pullRequest}:${sender.id}`,
      `The buttons need write access to this repository; you have \`${authorization.role}\`.`,
    );
    return { kind: "not_allowed", why: authorization.why };
  }

  const button = await commandBehind(deps, pressed);
  if (button === null) {
    const gone = `The button ${echo(pressed.identifier)} does nothing for run \`${run.id}\` now. \`/crabbox help\` lists the commands.`;
    await answer(`${guid}:0`, gone);
    return { kind: "answered", ok: false };
  }
  const [command] = parseComment(`/crabbox ${button.command}`, deps.commands).commands;
  if (command === undefined) return { kind: "answered", ok: false };
  const sourceKey = button.isOnce ? `button:${pressed.identifier}:${run.id}` : `${guid}:0`;
  const actor = withCap(context.actor, authorization);
  const reply = await carryOutOne(deps, { ...context, actor, sourceKey }, command);
  if (reply.body !== null) await answer(`${guid}:0`, reply.body);
  else await deps.refreshSticky(repository.id, pullRequest);
  return { kind: "answered", ok: reply.ok };
}

async function commandBehind(deps: PressDeps, { run, identifier }: Press) {
  const attempt = (await deps.store.attempts.ofRun(run.id)).at(-1);
  const lease = attempt === undefined ? null : await deps.store.leases.get(attempt.leaseId);
  return commandOf(identifier, { run, lease, keepMs: keepForMs(deps.limits.idleMs.max) });
}
