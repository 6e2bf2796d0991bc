import { join } from "node:path";
import { Readable } from "node:stream";
import pino from "pino";
import { ProviderError, type Provider } from "../../providers/provider.ts";
import type { TaskState } from "../../runner-bootstrap/boxd/status-wire.ts";
import type { Task } from "../../runner-bootstrap/boxd/task.ts";
import { TASK_VERSION } from "../../runner-bootstrap/boxd/task.ts";
import type { Clock } from "../../app/clock.ts";
import { AppError } from "../../app/errors.ts";
import { executeTask, type ExecuteDeps, type ExecuteInput } from "../../app/runs/execute.ts";
import type { DoneSignals } from "../../app/runs/blob-traffic.ts";
import { createHub } from "../../app/runs/log-hub.ts";
import type { BoxLink, FollowResult, FollowSink } from "../../app/ssh/boxd-client.ts";
import { createLogStore } from "../../app/store/logs.ts";
import { activeLease, ids, newRun, openFixture } from "../store/fixture.ts";

const LONG_MS = 10 * 60_000;

/** What one link to the box does when the task is sent over it. */
export type Round = (sink: FollowSink, offset: number) => Promise<FollowResult>;

/** A sent task as the box saw it. */
export type Sent = { readonly offset: number; readonly task: Task };

/** A real store and log store with one attempt on an active box, and a box that plays `rounds`, one a link. */
export async function executeStage() {
  const fixture = await openFixture();
  const { store } = fixture;
  const logs = createLogStore(join(fixture.dir, "logs"));
  const clock: Clock = {
    ...fixture.clock,
    // Pauses pass at once; what is hours away does not come by itself.
    sleep: async (ms, signal) => (ms < LONG_MS ? fixture.clock.advance(ms) : untilAborted(signal)),
  };
  const leaseId = await activeLease(store);
  const { run } = await store.runs.create(newRun());
  const id = ids.attempt();
  await store.attempts.create({ id, runId: run.id, n: 1, leaseId });
  const task: ExecuteInput["task"] = {
    v: TASK_VERSION,
    id,
    execute: { kind: "line", text: "true", workingDirectory: "." },
    env: {},
    deadlineAt: clock.now() + 60_000,
    logCapBytes: 1_000_000,
    sandbox: "none",
  };
  await store.attempts.setTask(id, task);

  const rounds: Round[] = [];
  const sent: Sent[] = [];
  const told: string[] = [];
  const gone: AppError[] = [];
  const settled: TaskState[] = [];
  const notices: (string | null)[] = [];
  const usedTokens: string[] = [];
  const seen = {
    describe: async (): Promise<"ready" | "gone"> => "ready",
    /** How long the task's end waits for its files. */
    fetched: async (_signals: DoneSignals): Promise<void> => {},
  };
  const link = {
    async start(whole: Task, offset: number, sink: FollowSink): Promise<FollowResult> {
      sent.push({ offset, task: whole });
      const round = rounds.shift();
      if (round === undefined) throw new AppError("internal", "No further round.", "Play one.");
      return round(sink, offset);
    },
    async putBlob(sha256: string, _sizeBytes: number, content: () => Readable) {
      content();
      told.push(`blob ${sha256}`);
    },
    async needNode(major: number) {
      told.push(`node ${major}`);
      return true;
    },
    async settle() {
      told.push("settle");
      return settled.shift() ?? "running";
    },
    cancel: async (_id: string, by: string) => void told.push(`cancel by ${by}`),
    token: async (_id: string, token: string) => void told.push(`token ${token}`),
  } as unknown as BoxLink;
  const deps: ExecuteDeps = {
    store,
    logs,
    links: { get: async () => link, drop: async () => void told.push("drop"), closeAll: async () => {} },
    clock,
    log: pino({ level: "silent" }),
    logHub: createHub(),
    runHub: createHub(),
    archive() {
      const error = gone.shift();
      if (error !== undefined) throw error;
      return Readable.from(["abc"]);
    },
    traffic: () => ({
      event: () => undefined,
      done: (signals) => seen.fetched(signals),
      close: () => undefined,
    }),
    notice: (_run, text) => void notices.push(text),
    syncDone: (token) => void usedTokens.push(token),
  };
  const provider = {
    name: "local",
    describe: async () => {
      const state = await seen.describe();
      return state === "gone" ? null : { state };
    },
  } as unknown as Provider;
  const attempt = async () => {
    const row = await store.attempts.get(id);
    if (row === null) throw new AppError("internal", "The attempt is gone.", "Look at the store.");
    return row;
  };
  const drain = new AbortController();
  const cancelled = new AbortController();
  return {
    store,
    logs,
    clock,
    id,
    run,
    deps,
    rounds,
    sent,
    told,
    /** What the box says of its task when it is settled, in order; running after that. */
    settled,
    /** Why the next actions cannot be opened. */
    gone,
    task,
    notices,
    usedTokens,
    seen,
    drain,
    cancelled,
    attempt,
    async execute(set: Partial<ExecuteInput> = {}) {
      const box = await store.boxes.ofLease(leaseId);
      if (box === null) throw new AppError("internal", "The box is gone.", "Look at the store.");
      const input = {
        run,
        attempt: await attempt(),
        box,
        provider,
        task,
        token: null,
        newToken: async () => null,
        resumed: false,
        ...set,
      };
      return executeTask(deps, input, { drain: drain.signal, cancelled: cancelled.signal });
    },
    async end() {
      drain.abort(new AppError("draining", "The test is over.", "Nothing."));
      await logs.close();
      await fixture.end();
    },
  };
}

function untilAborted(signal: AbortSignal | undefined): Promise<never> {
  return new Promise((_resolve, reject) => {
    signal?.addEventListener("abort", () => reject(signal.reason as Error), { once: true });
  });
}

/** A provider that cannot be asked. */
export async function unreachable(): Promise<never> {
  throw new ProviderError("local", "unclear", "no answer", "wait");
}
