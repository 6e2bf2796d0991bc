import type { Clock } from "../clock.ts";
import { writeDuration } from "../duration.ts";
import { AppError } from "../errors.ts";
import type { RepositoryRef } from "../github/hub.ts";
import type { ReactionContent } from "../github/reactions.ts";
import type { Log } from "../log.ts";
import type { Repository } from "../store/rows.ts";
import type { Store } from "../store/store.ts";
import { authorize, judgeKind, withCap, type AuthorizeDeps, type Sender } from "./authorize.ts";
import type { Command, CommandContext, CommandDeps } from "./command.ts";
import { carryOutOne } from "./carry-out.ts";
import { createContext, type BaseDeps } from "./context.ts";
import { MAX_COMMANDS, parseComment, type ParsedCommand } from "./grammar.ts";

export type DispatchDeps = Omit<CommandDeps, "store"> &
  AuthorizeDeps &
  BaseDeps & {
    readonly commands: readonly Command[];
    readonly clock: Clock;
    readonly log: Log;
    readonly store: CommandDeps["store"] & { readonly answers: Pick<Store["answers"], "put"> };
    /** A comment older than this when it is read is answered, not carried out. */
    readonly maxAgeMs: number;
    /** A run's sync will need a token of this repository: minting it begins beside the other calls. */
    readonly tokenAhead: (repository: Repository) => void;
    /** Nothing else waits to be handled: then reactions can let a run go first. */
    readonly isQuiet: () => boolean;
    /** Puts our reaction on a comment; resolves when GitHub has it. Safe to repeat. */
    readonly react: (
      repository: RepositoryRef,
      commentId: number,
      content: ReactionContent,
    ) => Promise<unknown>;
    /** Brings the sticky comment up to date with the stored answers; resolves when that is certain to happen. */
    readonly refreshSticky: (repositoryId: number, pullRequest: number) => Promise<void>;
  };

export type CommentDelivery = {
  /** The delivery's GUID: the same one again never does anything twice. */
  readonly guid: string;
  readonly installationId: number;
  readonly repository: Repository;
  readonly pullRequest: number;
  /** `createdAt` by GitHub's clock, epoch ms. */
  readonly comment: { readonly id: number; readonly body: string; readonly createdAt: number };
  readonly sender: Sender;
};

export type Dispatched =
  | { readonly kind: "no_command" }
  /** Our own comment, or a stranger's: nothing but a reaction for the latter. */
  | { readonly kind: "not_allowed"; readonly why: "own" | "bot" | "role" }
  | { readonly kind: "answered"; readonly ok: boolean; readonly commands: number };

/** A run's way to its box takes less, with a GitHub of 120 ms a call, too; reactions that come this much later do not compete with it and are still at once for people. */
const RUN_FIRST_MS = 500;
/** How soon a delivery behind it, a `/crabbox cancel` perhaps, ends that wait; an instant for people. */
const LOOK_BEHIND_MS = 25;
/** How long a delivery waits for its last reaction before it counts as handled; others wait behind it. */
const REACTION_WAIT_MS = 1_000;

/**
 * Carries out the commands of one comment. Before a run is queued there is one round of calls to GitHub, all side by side; nothing waits for
 * a write. Safe to repeat: runs and answers are kept under the delivery's GUID.
 */
export async function dispatch(deps: DispatchDeps, delivery: CommentDelivery): Promise<Dispatched> {
  const { commands, leftOut } = parseComment(delivery.comment.body, deps.commands);
  if (commands.length === 0) return { kind: "no_command" };
  const { repository, sender } = delivery;
  const ref = { installationId: delivery.installationId, owner: repository.owner, name: repository.name };
  // Bots talk much: what is not listed costs no call.
  const known = judgeKind(deps, sender);
  if (known?.allowed === false) return turnAway(deps, ref, delivery, known.why);

  const needsBase = commands.some((command) => command.kind === "command" && command.needsBase);
  if (needsBase) deps.tokenAhead(repository);
  const [authorization, context] = await Promise.all([
    authorize(deps, ref, sender),
    createContext(deps, ref, delivery, needsBase),
  ]);
  if (!authorization.allowed) return turnAway(deps, ref, delivery, authorization.why);

  const runFirst = needsBase ? letRunGoFirst(deps) : Promise.resolve();
  void runFirst.then(() => react(deps, ref, delivery, "eyes"));
  const actor = withCap(context.actor, authorization);
  const ok = await carryOut(deps, delivery, { ...context, actor }, commands, leftOut);
  await deps.refreshSticky(repository.id, delivery.pullRequest);
  await runFirst;
  await finalReaction(deps, ref, delivery, ok ? "rocket" : "confused");
  return { kind: "answered", ok, commands: commands.length };
}

/** Waits while nobody waits behind this delivery, for as long as a run's way to its box may take. */
async function letRunGoFirst(deps: Pick<DispatchDeps, "clock" | "isQuiet">): Promise<void> {
  for (let waitedMs = 0; waitedMs < RUN_FIRST_MS && deps.isQuiet(); waitedMs += LOOK_BEHIND_MS)
    await deps.clock.sleep(LOOK_BEHIND_MS);
}

/** A stranger gets a reaction and no more; we never answer ourselves. */
async function turnAway(
  deps: DispatchDeps,
  ref: RepositoryRef,
  delivery: CommentDelivery,
  why: "own" | "bot" | "role",
): Promise<Dispatched> {
  if (why !== "own") await finalReaction(deps, ref, delivery, "confused");
  return { kind: "not_allowed", why };
}

async function carryOut(
  deps: DispatchDeps,
  delivery: CommentDelivery,
  context: Omit<CommandContext, "sourceKey">,
  commands: readonly ParsedCommand[],
  leftOut: number,
): Promise<boolean> {
  const answer = async (part: string, body: string) => {
    await deps.store.answers.put({
      key: `${delivery.guid}:${part}`,
      repositoryId: delivery.repository.id,
      pullRequest: delivery.pullRequest,
      actor: delivery.sender.login,
      body,
    });
  };
  const ageMs = deps.clock.now() - delivery.comment.createdAt;
  if (ageMs > deps.maxAgeMs) {
    const limit = writeDuration(deps.maxAgeMs);
    await answer(
      "age",
      `This comment was more than ${limit} old when it could be read, so nothing was done. Comment again if it is still wanted.`,
    );
    return false;
  }
  let ok = leftOut === 0;
  for (const [index, command] of commands.entries()) {
    const reply = await carryOutOne(deps, { ...context, sourceKey: `${delivery.guid}:${index}` }, command);
    ok &&= reply.ok;
    if (reply.body === null) continue;
    const title = commands.length === 1 ? "" : `**Command ${index + 1}**\n\n`;
    await answer(String(index), `${title}${reply.body}`);
  }
  if (leftOut > 0) {
    await answer(
      "more",
      `Only the first ${MAX_COMMANDS} commands of a comment are carried out; ${leftOut} more were left out. Put those into another comment.`,
    );
  }
  return ok;
}

/**
 * Sets the last reaction. A failing one must not fail the command, and when many writes wait for their turn this goes on by itself; only
 * a stop of the App makes the delivery come again.
 */
async function finalReaction(
  deps: DispatchDeps,
  ref: RepositoryRef,
  delivery: CommentDelivery,
  content: ReactionContent,
): Promise<void> {
  const drained = await Promise.race([
    react(deps, ref, delivery, content),
    deps.clock.sleep(REACTION_WAIT_MS).then(() => null),
  ]);
  if (drained !== null) throw drained;
}

/** Answers the error when the App is stopping; every other failure is logged. */
async function react(
  deps: DispatchDeps,
  ref: RepositoryRef,
  delivery: CommentDelivery,
  content: ReactionContent,
): Promise<AppError | null> {
  try {
    await deps.react(ref, delivery.comment.id, content);
    return null;
  } catch (error) {
    if (error instanceof AppError && error.code === "draining") return error;
    logFailure(deps, delivery, content, error);
    return null;
  }
}

function logFailure(deps: DispatchDeps, delivery: CommentDelivery, content: string, error: unknown): void {
  deps.log.warn(
    { err: error, delivery: delivery.guid, comment: delivery.comment.id, content },
    "a reaction could not be set",
  );
}
