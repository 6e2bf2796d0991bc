import { keepForMs } from "../leases/keep.ts";
import { commandOf } from "../runs/buttons.ts";
import type { Run } from "../store/rows.ts";
import type { Store } from "../store/store.ts";
import { act, type Act, type ActDeps, type Acted } from "./act.ts";
import { echo } from "./flags.ts";

export type PressDeps = Omit<ActDeps, "store"> & {
  readonly store: Omit<ActDeps["store"], "attempts"> & {
    readonly attempts: Pick<Store["attempts"], "get" | "ofRun">;
  };
};

/** `guid`: the delivery's, or of one form of a page. */
export type Press = Omit<Act, "pullRequest" | "command" | "tellsRefusal"> & {
  /** The run whose check it is. */
  readonly run: Run;
  /** As GitHub sends it back; anything. */
  readonly identifier: string;
  /** Default: true. */
  readonly tellsRefusal?: false;
};

export type Pressed =
  | Acted
  /** Nowhere to act or to answer. */
  | { readonly kind: "no_pull_request" };

/**
 * A press on a button of one of our checks: the button's command, carried out as if its presser had commented it, with the same
 * permission asked of GitHub now. Answers stand in the sticky comment, since a press has no comment to react to. Safe to repeat; what
 * two people press at once happens once.
 */
export async function press(deps: PressDeps, pressed: Press): Promise<Pressed> {
  const { run, identifier, guid } = pressed;
  if (run.pullRequest === null) return { kind: "no_pull_request" };
  return act(deps, {
    ...pressed,
    pullRequest: run.pullRequest,
    tellsRefusal: pressed.tellsRefusal ?? true,
    async command() {
      const button = await commandBehind(deps, pressed);
      if (button === null) {
        const gone = `The button ${echo(identifier)} does nothing for run \`${run.id}\` now. \`/crabbox help\` lists the commands.`;
        return { ok: false, message: gone };
      }
      const sourceKey = button.isOnce ? `button:${identifier}:${run.id}` : `${guid}:0`;
      return { ok: true, text: button.command, sourceKey };
    },
  });
}

async function commandBehind(deps: PressDeps, { run, identifier }: Press) {
  const attempt = (await deps.store.attempts.ofRun(run.id)).at(-1);
  const lease = attempt === undefined ? null : await deps.store.leases.get(attempt.leaseId);
  return commandOf(identifier, { run, lease, keepMs: keepForMs(deps.limits.idleMs.max) });
}
