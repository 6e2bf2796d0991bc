import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Fastify from "fastify";
import { createSystemClock } from "../../app/clock.ts";
import type { AttemptId } from "../../app/ids.ts";
import { logPages } from "../../app/pages/log-pages.ts";
import { createRenderer } from "../../app/render.ts";
import { createHub } from "../../app/runs/log-hub.ts";
import { createLogStore } from "../../app/store/logs.ts";
import type { Attempt, Run } from "../../app/store/rows.ts";
import { encodeFrame, FRAME } from "../../runner-bootstrap/boxd/frame.ts";
import type { TaskEvent } from "../../runner-bootstrap/boxd/task.ts";
import { attempt, lease, repository, run, T0 } from "../templates/sample.ts";

export const TOKEN = "tok_0123456789abcdefghijklmnopqrstuvwxyz-ABC";

const LONG_MS = 10_000;

export type Stage = {
  readonly url: string;
  readonly attempt: Attempt;
  /** Appends output to the log and tells the pages. */
  write(...parts: readonly (string | Buffer | TaskEvent)[]): Promise<void>;
  /** Changes what the store answers. */
  set(change: {
    readonly run?: Partial<Run>;
    readonly attempts?: readonly Attempt[];
    readonly now?: number;
    /** Whether the link is still good. */
    readonly isLinked?: boolean;
  }): void;
  /** Breaks every open connection. */
  dropReaders(): void;
  close(): Promise<void>;
};

/** The log pages on a real server over a real log store; only the rows are made up. `headers` watches what browsers send. */
export async function openStage(
  options: { readonly onRequest?: (url: string, referer: string) => void } = {},
): Promise<Stage> {
  const directory = await mkdtemp(join(tmpdir(), "log-pages-"));
  const logs = createLogStore(directory);
  const clock = createSystemClock();
  const logHub = createHub<AttemptId>();
  const runHub = createHub<Run["id"]>();
  let row: Run = { ...run, state: "running", startedAt: T0, createdAt: T0 };
  let attempts: readonly Attempt[] = [
    { ...attempt, state: "running", exit: null, phases: {}, endedAt: null },
  ];
  let now = T0 + 60_000;
  let ms = T0;
  let isLinked = true;
  const server = Fastify();
  server.addHook("onRequest", (request, _reply, done) => {
    options.onRequest?.(request.url, request.headers.referer ?? "");
    done();
  });
  await server.register(
    logPages({
      store: {
        logLinks: { resolve: async (token) => (token === TOKEN && isLinked ? row.id : null) },
        runs: { get: async () => row, position: async () => 1 },
        attempts: { ofRun: async () => attempts },
        leases: { get: async () => lease },
        repositories: { get: async () => repository },
      },
      logs,
      artifacts: { get: async () => null, ofRun: async () => [], url: () => "" },
      onLog: (id, listener) => logHub.subscribe(id, listener),
      onRun: (id, listener) => runHub.subscribe(id, listener),
      render: createRenderer(),
      // What waits long waits a hundredth here.
      clock: {
        now: () => now,
        sleep: (forMs, signal) => clock.sleep(forMs < LONG_MS ? forMs : forMs / 100, signal),
      },
      webUrl: "https://github.com",
      runPage: null,
    }),
  );
  const address = await server.listen({ host: "127.0.0.1", port: 0 });
  const newest = (): Attempt => attempts.at(-1) ?? attempt;
  return {
    url: `${address}/logs/${TOKEN}`,
    get attempt() {
      return newest();
    },
    async write(...parts) {
      const frames = parts.flatMap((part) => framesOf(part, () => (ms += 10)));
      await logs.append(newest().id, await logs.length(newest().id), frames);
      logHub.publish(newest().id);
    },
    set(change) {
      row = { ...row, ...change.run };
      attempts = change.attempts ?? attempts;
      now = change.now ?? now;
      isLinked = change.isLinked ?? isLinked;
      runHub.publish(row.id);
    },
    dropReaders: () => server.server.closeAllConnections(),
    async close() {
      await server.close();
      await logs.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** A journal's frames: strings and buffers are output, at most a frame's payload each; objects are events. */
export function framesOf(part: string | Buffer | TaskEvent, nextMs: () => number): readonly Buffer[] {
  if (typeof part !== "string" && !Buffer.isBuffer(part)) {
    return [encodeFrame({ type: FRAME.event, ms: nextMs(), payload: Buffer.from(JSON.stringify(part)) })];
  }
  const bytes = Buffer.from(part);
  const frames: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += 65_536) {
    frames.push(encodeFrame({ type: FRAME.output, ms: nextMs(), payload: bytes.subarray(at, at + 65_536) }));
  }
  return frames;
}
