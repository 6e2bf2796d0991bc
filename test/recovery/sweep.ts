import { expect } from "vitest";
import { until } from "../servers/until.ts";
import { checksOf, runsOf, type Chapter } from "./chapters.ts";
import type { Scene } from "./scene.ts";

/** One call of a chapter: the nth of those with this method and path (ids aside). */
type Call = { readonly method: string; readonly path: string; readonly n: number };

export type Swept = {
  /** Calls that the App was killed at. */
  readonly killedAt: readonly string[];
  /** Of these kinds of call none came when it should have been the App's last. */
  readonly notMet: readonly string[];
};

/** Looked at every few minutes whatever the chapter tells; test/intake kills there. */
const BY_THE_CLOCK = /^\/app\/hook\/deliveries/u;
/** Another one in each telling, as ids are. */
const SHA = /\/[0-9a-f]{40}(?=\/|$)/gu;
/** How often one call is waited for. A second report or token is not always needed: then the first of its kind has to do. */
const TRIES = 3;
/** A chapter has about twenty calls; this only ends a sweep that would never end. */
const MAX_CALLS = 80;

/**
 * Tells the chapter once in peace to learn its calls to GitHub (API and git), then once for each call with the App killed at it, and
 * judges the effects after each telling. Calls that first come up in a later telling are swept, too.
 */
export async function sweep(scene: Scene, chapter: Chapter, when: "before" | "after"): Promise<Swept> {
  const killedAt: string[] = [];
  const notMet: string[] = [];
  const calls: Call[] = [];
  let tellings = 0;

  const tell = async (at: Call | null): Promise<boolean> => {
    tellings += 1;
    const told = await tellOnce(scene, chapter, { token: `${chapter.name}-${when}-${tellings}`, when, at });
    // What a restart asks belongs to no chapter.
    if (at === null) calls.push(...told.calls.filter((call) => chapter.only?.test(nameOf(call)) ?? true));
    return told.isKilled;
  };
  await tell(null);
  expect(calls.length).toBeLessThan(MAX_CALLS);
  for (const call of calls) {
    let isKilled = false;
    const tries = call.n === 1 ? TRIES : 1;
    for (let n = 0; n < tries && !isKilled; n += 1) isKilled = await tell(call);
    if (isKilled) killedAt.push(nameOf(call));
    else if (call.n === 1) notMet.push(nameOf(call));
  }
  return { killedAt, notMet };
}

async function tellOnce(
  scene: Scene,
  chapter: Chapter,
  telling: { readonly token: string; readonly when: "before" | "after"; readonly at: Call | null },
): Promise<{ readonly calls: readonly Call[]; readonly isKilled: boolean }> {
  const { control } = scene.stage.github;
  const { token, when, at } = telling;
  await chapter.before(scene);
  await scene.quiet();
  await control.clearRequests();
  const deaths = scene.keeper.deaths();
  const kill =
    at === null ? null : { ...at, path: at.path, when, pid: scene.stage.app.pid(), scope: "all" as const };
  await control.setKill({ kill });
  await chapter.play(scene, token);
  await scene.quiet();
  const isKilled = (await control.faultState()).kill?.firedAt !== null && at !== null;
  await control.setKill({ kill: null });
  if (isKilled) {
    await until(() => scene.keeper.deaths() > deaths && scene.keeper.up(), "the App to be up again");
    await scene.quiet();
  }
  expect(scene.keeper.deaths() - deaths, `deaths in ${token}`).toBe(isKilled ? 1 : 0);
  await judge(scene, token);
  chapter.judge?.(scene);
  const requests = await control.listRequests({});
  return { isKilled, calls: callsOf(requests) };
}

/** What must hold after every telling, wherever the App died in it. */
export async function judge(scene: Scene, token: string): Promise<void> {
  const { control } = scene.stage.github;
  const runs = runsOf(scene, token);
  const checks = await checksOf(scene, token);
  expect(checks.length, `check runs of ${token}`).toBe(runs.length);
  expect(runs.length, `runs of ${token}`).toBe(scene.gate.begun(token));
  expect(scene.gate.begun(token), `executions of ${token}`).toBeLessThanOrEqual(1);
  for (const check of checks) {
    const updates = await control.listCheckUpdates({ checkRunId: check.id });
    const told = updates
      .map(({ request }) => JSON.stringify(request))
      // No end: only so does GitHub show that somebody must act.
      .filter((request) => !request.includes("Waiting for an approval"))
      .flatMap((request) => /"conclusion":"(?<which>\w+)"/u.exec(request)?.groups?.["which"] ?? []);
    expect(new Set(told).size, `conclusions of ${token}: ${told.join(", ")}`).toBeLessThanOrEqual(1);
  }
  expect((await scene.stickies()).length, `sticky comments after ${token}`).toBe(1);
  const reactions = await control.listReactions({});
  const kinds = reactions.map((one) => `${one.commentId} ${one.user} ${one.content}`);
  expect(new Set(kinds).size, `reactions after ${token}`).toBe(kinds.length);
  expect(scene.journals.differences(), `copies of journals after ${token}`).toEqual([]);
  expect(await control.listViolations({}), `violations after ${token}`).toEqual([]);
}

function callsOf(requests: readonly { readonly method: string; readonly path: string }[]): readonly Call[] {
  const counts = new Map<string, number>();
  return requests
    .filter(({ path }) => !BY_THE_CLOCK.test(path))
    .map(({ method, path }) => {
      const escaped = path.replaceAll(/[.*+?^${}()|[\]\\]/gu, String.raw`\$&`);
      const known = escaped.replaceAll(SHA, "/[0-9a-f]{40}");
      const pattern = `^${known.replaceAll(/\/\d+/gu, String.raw`/\d+`)}$`;
      const n = (counts.get(`${method} ${pattern}`) ?? 0) + 1;
      counts.set(`${method} ${pattern}`, n);
      return { method, path: pattern, n };
    });
}

function nameOf({ method, path, n }: Call): string {
  return `${method} ${path.slice(1, -1).replaceAll("\\", "")} (${n})`;
}
