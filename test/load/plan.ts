import type { Control } from "../../demo/github/control.ts";
import type { CustomDelivery } from "../../demo/github/control/contract.ts";
import type { Member } from "./fleet.ts";
import { FLEET_WRITER } from "./fleet.ts";

/** Ten thousand in all; the duplicates and the forged ones are made while they are sent. */
export const TOTAL = 10_000;
export const STATUSES = 1_700;
export const RUNS = 300;
export const DUPLICATES = 2_000;
export const FORGED = 500;
const TALK = 3_000;
export const OTHERS = TOTAL - STATUSES - RUNS - DUPLICATES - FORGED - TALK;

/** Accounts whose pull request gets runs: each has one box, and a machine has room for so many. */
export const RUNNING_MEMBERS = 10;

export type PlannedComment = {
  readonly repo: string;
  readonly number: number;
  readonly login: string;
  readonly body: string;
};

/** All comments in the order in which they are written: commands and talk mixed, spread over all members. */
export function plannedComments(members: readonly Member[]): readonly PlannedComment[] {
  const commands = STATUSES + RUNS;
  const total = commands + TALK;
  let sent = 0;
  return Array.from({ length: total }, (_, at) => {
    // Evenly mixed: the nth command comes once its share of the whole has come.
    const isCommand = Math.floor(((at + 1) * commands) / total) > sent;
    if (!isCommand) return say(memberAt(members, at), "Looks good to me, but `/crabbox` should run it.");
    const n = sent;
    sent += 1;
    const which = Math.floor((n * RUNS) / commands);
    const isRun = Math.floor(((n + 1) * RUNS) / commands) > which;
    if (!isRun) return say(memberAt(members, n - which), "/crabbox status");
    return say(memberAt(members, which % RUNNING_MEMBERS), `/crabbox run -- true ${which}`);
  });
}

function memberAt(members: readonly Member[], n: number): Member {
  const member = members[n % members.length];
  if (member === undefined) throw new Error("there are no members");
  return member;
}

function say({ repo, number }: Member, body: string): PlannedComment {
  return { repo, number, login: FLEET_WRITER, body };
}

/** Comments written at once, with their share of other events between. */
const GROUP = 100;
/** A usual payload's size. */
const FILLER = "x".repeat(8_000);

/** Writes all comments and sends the other events, as fast as the offline GitHub can; answers the comments' ids in order. */
export async function sendPlan(
  control: Control,
  members: readonly Member[],
  comments: readonly PlannedComment[],
): Promise<readonly number[]> {
  const ids: number[] = [];
  const groups = Math.ceil(comments.length / GROUP);
  for (let group = 0; group < groups; group += 1) {
    const some = comments.slice(group * GROUP, (group + 1) * GROUP);
    ids.push(...(await control.commentMany({ comments: [...some] })).ids);
    const others = Array.from({ length: OTHERS / groups }, (_, n) =>
      otherEvent(memberAt(members, group + n), n),
    );
    await control.sendDeliveries({ deliveries: others });
  }
  return ids;
}

/** An event that the App has no use for. */
function otherEvent({ repo }: Member, n: number): CustomDelivery {
  const [login = ""] = repo.split("/");
  const repository = { id: 900_000 + n, name: "shop", owner: { login } };
  return { event: "workflow_job", payload: { action: "completed", repository, filler: FILLER } };
}
