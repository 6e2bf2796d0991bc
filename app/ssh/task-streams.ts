import { AppError } from "../errors.ts";
import { readFront } from "./front.ts";
import { createLoadedChannel } from "./loaded.ts";
import { JOURNAL_MAX_BYTES } from "./stream.ts";

import type { Task } from "../../runner-bootstrap/boxd/task.ts";
import type { Clock } from "../clock.ts";
import type { FollowResult } from "./boxd-client.ts";
import type { SshConnection } from "./connect.ts";
import type { FrontEnd, FrontTask } from "./front.ts";
import type { Lines } from "./lines.ts";
import type { FollowSink } from "./stream.ts";

/**
 * A log of which more than this came over the connection goes on over one of its own in another thread, so that neither a cancel nor
 * another run waits behind it; packed (packed.ts) it may be four times as long. Changing over costs thread, handshake and front (0.2 s): a log that ends before is read faster here. A cancel waits for
 * SSH's window at most, 2 MiB, however long the log is.
 */
const LONG_LOG_BYTES = 64 * 1024 * 1024;

export type TaskStreamDeps = {
  readonly clock: Clock;
  readonly lines: Lines;
  /** The command line for boxd's arguments. */
  command(args: readonly string[]): string;
  install(connection: SshConnection): Promise<void>;
  /** Reads one front over a connection and in a thread of its own. */
  longLog(args: readonly string[], task: FrontTask, sink: FollowSink, signal: AbortSignal): Promise<FrontEnd>;
};

/** The streaming half of a BoxLink; see there for what each call promises. */
export function createTaskStreams(deps: TaskStreamDeps) {
  const loaded = createLoadedChannel();
  let closed = false;
  const now = () => deps.clock.now();

  /** Runs one front and reads it; installs first when boxd is not there. `line` is the task, absent for follow. */
  const front = async (
    args: readonly string[],
    at: { readonly id: string; readonly offset: number; readonly line: string | null },
    sink: FollowSink,
    signal: AbortSignal,
  ): Promise<FrontEnd> => {
    const task = {
      id: at.id,
      offset: at.offset,
      maxBytes: JOURNAL_MAX_BYTES,
      limitBytes: LONG_LOG_BYTES,
    };
    for (let round = 0; ; round += 1) {
      const connection = await deps.lines.control(signal);
      const exec = await connection.exec(deps.command(args), { signal });
      if (at.line !== null) exec.stdin.write(at.line);
      const end = await readFront(exec, task, sink, now, signal);
      if (end.kind !== "not_installed") return end;
      if (round > 0) {
        throw new AppError(
          "box_unusable",
          "boxd was installed on the box and is not there.",
          "Check the box's home.",
        );
      }
      await deps.install(connection);
    }
  };
  const prepare = async (): Promise<void> => {
    if (closed) return;
    await loaded.load(async () => {
      const connection = await deps.lines.control();
      const exec = await connection.exec(deps.command(["start"]));
      return { connection, exec };
    });
  };
  const goOn = async (
    id: string,
    first: FrontEnd,
    sink: FollowSink,
    signal: AbortSignal,
  ): Promise<FollowResult> => {
    let end = first;
    if (end.kind === "long") {
      const { offset } = end;
      const rest = { id, offset, maxBytes: JOURNAL_MAX_BYTES, limitBytes: Number.POSITIVE_INFINITY };
      end = await deps.longLog(["follow", id, String(offset)], rest, sink, signal);
    }
    if (end.kind === "end") {
      // The next task of a warm box finds a front that waits for it.
      void prepare();
      return { end: end.exit };
    }
    return { lost: end.kind === "lost" ? end.reason : end.kind };
  };
  const follow = async (
    id: string,
    offset: number,
    sink: FollowSink,
    signal: AbortSignal,
  ): Promise<FollowResult> =>
    goOn(
      id,
      await front(["follow", id, String(offset)], { id, offset, line: null }, sink, signal),
      sink,
      signal,
    );

  return {
    prepare,
    follow,
    async start(task: Task, offset: number, sink: FollowSink, signal: AbortSignal): Promise<FollowResult> {
      // What was read was started: starting anew would run a command twice on a box that lost its disk.
      if (offset > 0) return follow(task.id, offset, sink, signal);
      const line = `${JSON.stringify(task)}\n`;
      const at = { id: task.id, offset: 0, line };
      const exec = loaded.take();
      if (exec !== null) {
        exec.stdin.write(line);
        const read = { id: task.id, offset: 0, maxBytes: JOURNAL_MAX_BYTES, limitBytes: LONG_LOG_BYTES };
        const end = await readFront(exec, read, sink, now, signal);
        // A front that had died while it waited read nothing: the task is sent again, and attaches if it must.
        const isUnused = end.kind === "not_installed" || (end.kind === "lost" && end.offset === 0);
        if (!isUnused) return goOn(task.id, end, sink, signal);
      }
      return goOn(task.id, await front(["start"], at, sink, signal), sink, signal);
    },
    /** Lets go of what was loaded ahead by programs that are replaced now. */
    async reload(): Promise<void> {
      await prepare();
      loaded.take()?.close();
    },
    /** Lets go of the loaded channel; none is opened afterwards. */
    unload(): void {
      closed = true;
      loaded.close();
    },
  };
}
