import { setTimeout as pause } from "node:timers/promises";

import { WRITER } from "../test/servers/stage.ts";
import { until } from "../test/servers/until.ts";

import type { RequestEntry } from "../demo/github/journal-rows.ts";
import type { BoxStage } from "./box-stage.ts";

const REPO = "acme/large";
const BRANCH = "change";
/** Bash writes the time itself: microseconds since 1970, no process more. */
const STAMP = "echo first-byte=$EPOCHREALTIME";
const STAMP_FORM = /first-byte=(\d+)[.,](\d{6})/;

/** One run of ours. */
export type Taken = {
  readonly deliveryMs: number;
  readonly sentMs: number;
  /** Calls to GitHub that waited for one another before the task was sent; minting a token is left out. */
  readonly callsInARow: number;
  /** Comments, reactions and check runs that were being written before the first byte. */
  readonly contentWrites: number;
};

export type Rounds = {
  /** Takes the first runs, which create the box and fetch everything. */
  warmUp(provider: string): Promise<void>;
  /** One more commit on the branch. */
  push(): Promise<void>;
  /** A comment, its delivery, its run: until the check is complete. */
  ours(provider: string): Promise<Taken>;
  /** Fetch, checkout, command over the open connection: milliseconds until the command's first byte. */
  byHand(): Promise<number>;
  latency(apiMs: number): Promise<void>;
};

/** The repository at `source` with a pull request, and two ways to run a command on its head commit. */
export async function createRounds(box: BoxStage, source: string): Promise<Rounds> {
  const { control, url } = box.stage.github;
  await control.createRepository({ owner: "acme", name: "large", private: true, from: source });
  await control.setRole({ repo: REPO, login: WRITER, role: "write" });
  let pushes = 0;
  const push = async () => {
    pushes += 1;
    const files = { "src/part7/file7.txt": `push ${pushes}\n` };
    await control.pushCommit({
      repo: REPO,
      branch: BRANCH,
      login: WRITER,
      files,
      ...(pushes === 1 ? { parent: "main" } : {}),
    });
    await control.waitIdle({});
  };
  await push();
  const { number } = await control.openPull({
    repo: REPO,
    login: WRITER,
    title: "A change",
    head: BRANCH,
    base: "main",
  });
  const { token } = await control.createUserToken({ login: WRITER });
  const header = `Authorization: Basic ${Buffer.from(`x-access-token:${token}`).toString("base64")}`;
  await box.hand.run(
    `git -c 'http.extraHeader=${header}' clone -q ${url}/${REPO}.git by-hand && git -C by-hand config http.extraHeader '${header}'`,
  );

  const ours = async (provider: string): Promise<Taken> => {
    const before = new Set((await control.listCheckRuns({ repo: REPO })).map(({ id }) => id));
    await control.clearRequests({});
    await control.comment({
      repo: REPO,
      number,
      login: WRITER,
      body: `/crabbox run --provider ${provider} -- ${STAMP}`,
    });
    const check = await until(
      async () =>
        (await control.listCheckRuns({ repo: REPO })).find(
          ({ id, status }) => !before.has(id) && status === "completed",
        ),
      "a run to complete",
    );
    const firstByteAt = stampOf(check.output?.text ?? "");
    const [delivery] = await control.listDeliveries({ event: "issue_comment", action: "created", limit: 1 });
    const deliveredAt = Date.parse(delivery?.queuedAt ?? "");
    const sentAt = sentTime(box.stage.app.log(), String(check.externalId));
    const calls = (await control.listRequests({ kind: "api" })).map(timesOf);
    return {
      deliveryMs: firstByteAt - deliveredAt,
      sentMs: firstByteAt - sentAt,
      callsInARow: inARow(calls.filter((call) => !isMint(call) && call.endAt <= sentAt)),
      contentWrites: calls.filter(
        (call) => call.method !== "GET" && !isMint(call) && call.beginAt < firstByteAt,
      ).length,
    };
  };

  return {
    push,
    ours,
    async warmUp(provider) {
      for (let run = 0; run < 3; run += 1) {
        await ours(provider);
        await pause(1_500);
      }
    },
    async byHand() {
      const begin = performance.timeOrigin + performance.now();
      const said = await box.hand.run(
        `cd by-hand && git fetch -q origin ${BRANCH} && git checkout -q --detach FETCH_HEAD && bash -c '${STAMP}'`,
      );
      return stampOf(said) - begin;
    },
    latency: async (apiMs) => {
      await control.settings({ latency: { apiMs, gitMs: 0 } });
    },
  };
}

/** Epoch ms. */
function stampOf(text: string): number {
  const [, seconds, micros] = STAMP_FORM.exec(text) ?? [];
  if (seconds === undefined) throw new Error(`the command's own time is missing in: ${text.slice(0, 2_000)}`);
  return Number(seconds) * 1_000 + Number(micros) / 1_000;
}

/** When the App sent the run's task, by its log. */
function sentTime(log: string, runId: string): number {
  for (const line of log.split("\n").reverse()) {
    if (!line.includes('"a task is sent"') || !line.includes(runId)) continue;
    return (JSON.parse(line) as { readonly time: number }).time;
  }
  throw new Error(`the App's log does not say when ${runId} was sent`);
}

type Call = {
  readonly method: string;
  readonly path: string;
  readonly beginAt: number;
  readonly endAt: number;
};

function timesOf({ method, path, at, durationMs }: RequestEntry): Call {
  // The offline GitHub notes a request when it has answered it.
  const endAt = Date.parse(at);
  return { method, path, beginAt: endAt - durationMs, endAt };
}

function isMint({ path }: Call): boolean {
  return path.endsWith("/access_tokens") || path.endsWith("/installation/token");
}

/** The most calls of which each began after the one before had ended. */
function inARow(calls: readonly Call[]): number {
  let count = 0;
  let endAt = 0;
  // Taking the one that ends first, again and again, makes the longest such row.
  for (const call of [...calls].sort((a, b) => a.endAt - b.endAt)) {
    if (call.beginAt < endAt) continue;
    count += 1;
    endAt = call.endAt;
  }
  return count;
}
