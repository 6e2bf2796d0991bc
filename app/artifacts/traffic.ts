import type { ArtifactEvent } from "../../runner-bootstrap/boxd/artifact-wire.ts";
import { FRAME } from "../../runner-bootstrap/boxd/frame.ts";
import type { Task } from "../../runner-bootstrap/boxd/task.ts";
import { readFrames } from "../journal/frames.ts";
import type { Log } from "../log.ts";
import { untilDone, type BlobTraffic } from "../runs/blob-traffic.ts";
import type { BoxLink } from "../ssh/boxd-client.ts";
import { parseCopiedEvent } from "../ssh/events-schema.ts";
import type { LogStore } from "../store/logs.ts";
import type { Attempt, Box, Run } from "../store/rows.ts";
import type { Artifacts } from "./artifacts.ts";
import { UPLOADS_MAX } from "./uploads.ts";

export type ArtifactTrafficDeps = {
  readonly artifacts: Pick<Artifacts, "keep">;
  readonly links: { get(box: Box, signal: AbortSignal): Promise<Pick<BoxLink, "getBlob">> };
  readonly logs: Pick<LogStore, "read">;
  readonly log: Log;
};

export type ArtifactTrafficInput = {
  readonly run: Run;
  readonly attempt: Pick<Attempt, "id" | "logBytes">;
  readonly box: Box;
  readonly task: Pick<Task, "artifacts">;
  /** True when an earlier process may have heard of some, and not have kept them. */
  readonly resumed: boolean;
};

type Told = Extract<ArtifactEvent, { e: "artifact" }>;

/** At once over one connection; a server of OpenSSH's allows ten sessions, caches take four. */
const FETCHES_MAX = 3;
/** How long a run's end waits for its files. Its lease, which may end earlier, takes the box away all the same. */
const DONE_MAX_MS = 5 * 60_000;

/** Fetches what the box tells of, up to what the task says is wanted, and files it with the run, whatever the box calls it. */
export function createArtifactTraffic(deps: ArtifactTrafficDeps, input: ArtifactTrafficInput): BlobTraffic {
  const { run, attempt, box } = input;
  const wanted = input.task.artifacts;
  const over = new AbortController();
  const heard = new Set<string>();
  let heardBytes = 0;
  /** As many as may be under way; each does one after the other. */
  const lanes: Promise<void>[] = Array.from({ length: FETCHES_MAX }, () => Promise.resolve());
  let next = 0;

  const lost = (error: unknown, what: string): void => {
    if (!over.signal.aborted) deps.log.info({ err: error, run: run.id, attempt: attempt.id }, what);
  };
  const keep = async ({ e: _e, from, ...told }: Told): Promise<void> => {
    if (over.signal.aborted) return;
    const artifact = {
      ...told,
      origin: from,
      runId: run.id,
      attemptId: attempt.id,
      repositoryId: run.repositoryId,
    };
    // A box that stands still in the middle holds nothing here for longer than its attempt.
    const kept = await deps.artifacts.keep(artifact, async (target) => {
      const link = await deps.links.get(box, over.signal);
      return link.getBlob(told.sha256, told.sizeBytes, target, over.signal);
    });
    if (kept !== "kept" && kept !== "exists")
      deps.log.info({ run: run.id, attempt: attempt.id, name: told.name, kept }, "an artifact is not kept");
  };
  const hear = (told: Told): void => {
    const name = JSON.stringify([told.from, told.name]);
    const isTooMuch =
      wanted === undefined ||
      heard.size >= wanted.filesMax + UPLOADS_MAX ||
      heardBytes + told.sizeBytes > wanted.runMaxBytes;
    if (isTooMuch || heard.has(name)) return;
    heard.add(name);
    heardBytes += told.sizeBytes;
    const lane = next++ % FETCHES_MAX;
    lanes[lane] = (lanes[lane] ?? Promise.resolve())
      // The second time over another link, should the first have been lost.
      .then(() => keep(told).catch(() => keep(told)))
      .catch((error: unknown) => lost(error, "an artifact is lost"));
  };
  const recall = async (): Promise<void> => {
    const read = (offset: number, maxBytes: number) => deps.logs.read(attempt.id, offset, maxBytes);
    for await (const frames of readFrames(read, 0))
      for (const { type, payload, end } of frames) {
        if (end > attempt.logBytes || over.signal.aborted) return;
        const event = type === FRAME.event ? parseCopiedEvent(payload) : null;
        if (event?.e === "artifact") hear(event);
      }
  };
  const recalled =
    input.resumed && wanted !== undefined
      ? recall().catch((error: unknown) => lost(error, "artifacts that were told cannot be read again"))
      : null;

  return {
    event(event) {
      if (event.e === "artifact") hear(event);
    },
    async done(signals) {
      if (recalled === null && heard.size === 0) return;
      const all = Promise.resolve(recalled).then(() => Promise.all(lanes));
      await untilDone(all, signals, DONE_MAX_MS);
    },
    close: () => over.abort(),
  };
}
