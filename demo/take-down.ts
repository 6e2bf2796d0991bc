import { rmSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { leasesLive, runsUnfinished } from "./app-metrics.ts";
import { unmarkHost } from "./ssh-host.ts";
import { WRITER } from "./pull-request.ts";
import type { Props, Stage } from "./stage.ts";
import type { Teller } from "./teller.ts";

export type TakeDownRequest = {
  readonly props: Props;
  /** Null when the setting up was not finished. */
  readonly stage: Stage | null;
  readonly teller: Teller;
  /** Then a temporary directory is kept, for a look at the logs. */
  readonly failed: boolean;
  readonly isAsked: boolean;
};

/** A box's end takes as long as its processes take to go; the guard ends what is left. */
const RELEASED_WITHIN_MS = 30_000;
const POLL_MS = 100;

/** Ends App, offline GitHub and boxes, in this order of need; nothing is left running. What a kept directory holds goes on later. */
export async function takeDown({ props, stage, teller, failed, isAsked }: TakeDownRequest): Promise<void> {
  const { state, guard, github, app, ssh, docker } = props;
  if (state === null) return;
  if (isAsked) teller.tell("note", "Ending: the App lets go, boxes are given back ...");
  const goesOn = !state.temporary && isAsked && app !== null && ((await runsUnfinished(app.url)) ?? 0) > 0;
  if (stage !== null && !goesOn) await release(stage, ssh !== null || docker !== null);
  await app?.stop();
  await github?.stop();
  // Before the first process started there is nothing to look at.
  const remove = state.temporary && (!failed || github === null);
  if (guard === null && remove) rmSync(state.dir, { recursive: true, force: true });
  await guard?.finish({ endBoxes: !goesOn, remove });
  if (ssh !== null && state.temporary) await unmarkHost(ssh);
  if (goesOn)
    teller.tell(
      "note",
      `A run goes on at its box. Start the demo again with --state ${state.dir} to see it through.`,
    );
  else if (!remove) teller.tell("note", `Everything is kept in ${state.dir}`);
  if (github !== null) teller.tell("end", goesOn ? "Ended." : "Ended; nothing is left running.");
}

/** Gives every box back: a host elsewhere must not wait for the box's own switch. Local boxes of a kept directory just stop. */
async function release({ state, github, pull, app }: Stage, isElsewhere: boolean): Promise<void> {
  if (!state.temporary && !isElsewhere) return;
  if (((await leasesLive(app.url)) ?? 0) === 0) return;
  const act = { ...pull, login: WRITER };
  // The pull request of a kept directory is wanted again.
  if (state.temporary) await github.control.closePull(act);
  else await github.control.comment({ ...act, body: "/crabbox stop" });
  const until = Date.now() + RELEASED_WITHIN_MS;
  while (Date.now() < until && (await leasesLive(app.url)) !== 0) await sleep(POLL_MS);
}
