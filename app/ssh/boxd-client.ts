import { z } from "zod";

import { AppError } from "../errors.ts";
import { untilAborted } from "../until-aborted.ts";
import { ask, parseAnswer } from "./control.ts";
import { receiveBlob, sendBlob } from "./blobs.ts";
import { boxStatusSchema } from "./events-schema.ts";
import { createTaskStreams } from "./task-streams.ts";
import { createLines } from "./lines.ts";
import { readLongLog } from "./long-log.ts";
import { bringNode, installPrograms } from "./install.ts";
import { boxdLine } from "./programs.ts";

import type { BoxAddress } from "../../providers/provider.ts";
import type { JournalCopy } from "../../runner-bootstrap/boxd/journal-copy.ts";
import type { BoxStatus, TaskState } from "../../runner-bootstrap/boxd/status-wire.ts";
import type { Task, TaskExit } from "../../runner-bootstrap/boxd/task.ts";
import type { Readable, Writable } from "node:stream";
import type { BlobEnd } from "./blobs.ts";
import type { SshConnection, SshDeps } from "./connect.ts";
import type { SshExec } from "./exec.ts";
import type { InstallDeps } from "./install.ts";
import type { FollowSink } from "./stream.ts";

export type { FollowSink } from "./stream.ts";

export type BoxLinkDeps = SshDeps & InstallDeps;

/** `lost`: why the link ended; the task lives on, attach again from the copy's length. */
export type FollowResult = { readonly end: TaskExit } | { readonly lost: string };

/**
 * boxd on one box, over connections that open and reopen by themselves. Installs boxd (and Node) when the box says
 * they are not there. What the box says is checked: box_lied ends the trust in it.
 */
export type BoxLink = {
  /** Opens the loaded channel, so that the next `start` costs one round trip. Never rejects; safe to repeat. */
  prepare(): Promise<void>;
  /**
   * Starts the task, or attaches to it when it was started before, and follows it from `offset` (the length of the
   * App's copy). Throws box_lied, task_refused, box_full, box_unusable, task_unknown, ssh failures, and the signal's reason.
   */
  start(task: Task, offset: number, sink: FollowSink, signal: AbortSignal): Promise<FollowResult>;
  /** Follows a task that was started; task_unknown when the box does not know it. */
  follow(taskId: string, offset: number, sink: FollowSink, signal: AbortSignal): Promise<FollowResult>;
  /** Ends the task as cancelled `by`; nothing happens when it is over. */
  cancel(taskId: string, by: string): Promise<void>;
  /** Moves the task's deadline, and the box's dead-man's switch when `expiresAt` is given; epoch ms. */
  extend(taskId: string, deadlineAt: number, expiresAt?: number): Promise<void>;
  /** Hands a running task a new token for its sync. */
  token(taskId: string, token: string): Promise<void>;
  status(): Promise<BoxStatus>;
  /** Gives a task whose supervisor died its end; answers the task's state. */
  settle(taskId: string): Promise<TaskState>;
  /** Removes ended tasks whose journals have the hashes of the App's copies; answers those it kept because they differ. */
  sweep(copies: readonly JournalCopy[]): Promise<readonly string[]>;
  /** Empties the slot but for programs and tasks: after best-effort containment. Refused while a task is alive. */
  wipe(): Promise<void>;
  /**
   * Sees that the tasks started from now on run on a Node of at least `major`; false when the box cannot have one, and they run on what
   * it has. Safe to repeat; asks the box once.
   */
  needNode(major: number): Promise<boolean>;
  /** Puts `sizeBytes` of content onto the box under their hash. */
  putBlob(sha256: string, sizeBytes: number, content: () => Readable): Promise<void>;
  /**
   * Fetches a blob, hashed again on the way; false at once when the box has none. At most `maxBytes`. Throws the signal's reason as soon as it
   * is aborted, and lets go of the channel.
   */
  getBlob(sha256: string, maxBytes: number, target: Writable, signal: AbortSignal): Promise<boolean>;
  /** Ends the connections; tasks live on. Safe to repeat. */
  close(): Promise<void>;
};

const settledSchema = z.object({
  state: z.enum(["absent", "starting", "stillborn", "running", "lost", "done"]),
});

const sweptSchema = z.object({ kept: z.array(z.string().max(64)).max(10_000) });

/** Opens the link and logs in; everything else opens when it is needed. Throws as `connect` does. */
export async function openBox(
  deps: BoxLinkDeps,
  address: BoxAddress,
  signal?: AbortSignal,
): Promise<BoxLink> {
  const lines = createLines(deps, address);
  await lines.control(signal);
  let installing: Promise<void> | null = null;
  const nodes = new Map<number, boolean>();

  /** One installation at a time; who comes meanwhile waits for it. */
  const install = (connection: SshConnection): Promise<void> => {
    installing ??= installPrograms(deps, connection, address.root).finally(() => {
      installing = null;
    });
    return installing;
  };
  const command = (args: readonly string[]) => boxdLine(address, deps.programs.name, args);
  const question = async (args: readonly string[], message: object | null): Promise<string> => {
    const connection = await lines.control();
    const stdin = message === null ? "" : `${JSON.stringify(message)}\n`;
    const first = await ask(connection, command(args), stdin);
    if (first.kind === "answer") return first.text;
    await install(connection);
    const second = await ask(connection, command(args), stdin);
    if (second.kind === "answer") return second.text;
    throw notThereAfterInstall();
  };
  const blob = async (
    args: readonly string[],
    move: (exec: SshExec) => Promise<BlobEnd>,
  ): Promise<BlobEnd> => {
    const connection = await lines.bulk();
    const first = await move(await connection.exec(command(args)));
    if (first !== "not_installed") return first;
    await install(connection);
    const second = await move(await connection.exec(command(args)));
    if (second !== "not_installed") return second;
    throw notThereAfterInstall();
  };
  const streams = createTaskStreams({
    clock: deps.clock,
    lines,
    command,
    install,
    async longLog(args, task, sink, signal) {
      const { hostKey } = await lines.control(signal);
      return readLongLog({ ...address, hostKey }, command(args), task, sink, signal);
    },
  });
  return {
    ...streams,
    async cancel(taskId, by) {
      await question(["cancel", taskId], { by });
    },
    async extend(taskId, deadlineAt, expiresAt) {
      await question(["extend", taskId], { deadlineAt, ...(expiresAt === undefined ? {} : { expiresAt }) });
    },
    async token(taskId, token) {
      await question(["token", taskId], { token });
    },
    status: async () => parseAnswer(boxStatusSchema, await question(["status"], null)),
    settle: async (taskId) => parseAnswer(settledSchema, await question(["settle", taskId], null)).state,
    sweep: async (copies) => parseAnswer(sweptSchema, await question(["sweep"], { tasks: copies })).kept,
    async wipe() {
      await question(["wipe"], null);
    },
    async needNode(major) {
      const known = nodes.get(major);
      if (known !== undefined) return known;
      const answer = await bringNode(deps, await lines.control(), address.root, major);
      nodes.set(major, answer);
      if (answer) await streams.reload();
      return answer;
    },
    async putBlob(sha256, sizeBytes, content) {
      await blob(["put-blob", sha256, String(sizeBytes)], (exec) => sendBlob(exec, content()));
    },
    async getBlob(sha256, maxBytes, target, signal) {
      const receive = (exec: SshExec) => receiveBlob(exec, sha256, maxBytes, target, signal);
      // The connection and boxd's installation are others' as well: nobody's abort ends them.
      return (await untilAborted(signal, blob(["get-blob", sha256], receive))) === "done";
    },
    async close() {
      streams.unload();
      await lines.close();
    },
  };
}

function notThereAfterInstall(): AppError {
  return new AppError(
    "box_unusable",
    "boxd was installed on the box and is not there.",
    "Check that the box's home is writable and not mounted noexec.",
  );
}
