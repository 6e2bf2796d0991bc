import { z } from "zod";

import { leftEvents } from "../artifacts/events-schema.ts";
import { failureEvent, resultsEvent } from "../results/events-schema.ts";

import type { BoxStatus } from "../../runner-bootstrap/boxd/status-wire.ts";
import type { TaskEvent, TaskExit } from "../../runner-bootstrap/boxd/task.ts";

/** A step's or phase's name, a word, a version: what people read in one line. */
const LINE_MAX = 1_024;
/** A sentence with git's own words in it, or a note; a frame's payload is the outer bound. */
const TEXT_MAX = 32 * 1_024;
/** Survivors named; more is "many". */
const NAMES_MAX = 1_000;
/** Tasks one box reports; sweep removes old ones. */
const TASKS_MAX = 10_000;

const line = z.string().max(LINE_MAX);
const text = z.string().max(TEXT_MAX);
const count = z.int().min(0);
/** Durations: boxes have clocks of their own, fractions are fine, negative ones are not. */
const ms = z.number().min(0);
const id = z.string().regex(/^[a-z0-9_]{4,64}$/);
const names = z.array(line).max(NAMES_MAX);

const rung = z.enum([
  "systemd-scope",
  "cgroup2",
  "cgroup1-freezer",
  "pid-namespace",
  "systemd-user-scope",
  "bwrap",
  "container",
  "best-effort",
]);
const sandbox = z.enum(["none", "bwrap"]);
const phase = z.enum(["sync", "hydrate", "execute", "collect"]);

const exitFields = {
  why: z
    .enum([
      "cancelled",
      "timed_out",
      "sync_failed",
      "hydrate_failed",
      "boxd_died",
      "box_rebooted",
      "never_started",
    ])
    .exactOptional(),
  by: line.exactOptional(),
  code: z.int().min(0).max(255).exactOptional(),
  signal: line.exactOptional(),
  error: text.exactOptional(),
  syncReason: z
    .enum([
      "token_refused",
      "commit_missing",
      "network",
      "no_git",
      "disk_full",
      "not_clean",
      "head_mismatch",
      "submodule",
      "lfs",
      "other",
    ])
    .exactOptional(),
  step: line.exactOptional(),
  conclusion: z.enum(["success", "failure", "cancelled", "skipped"]).exactOptional(),
  job: line.exactOptional(),
  executed: z.boolean(),
  oomKills: count.exactOptional(),
  diskFull: z.boolean().exactOptional(),
  gapBytes: count.exactOptional(),
  survivors: names,
  rung,
  endedAt: count,
};

/** The result of a task as a box tells it: bounded, unknown keys dropped. */
export const taskExitSchema: z.ZodType<TaskExit> = z.object(exitFields);

const phaseEvent = z.discriminatedUnion("at", [
  z.object({ e: z.literal("phase"), name: phase, at: z.literal("begin") }),
  z.object({
    e: z.literal("phase"),
    name: phase,
    at: z.literal("end"),
    outcome: z.enum(["succeeded", "failed", "skipped"]),
    ms,
    detail: text.exactOptional(),
  }),
]);

const outcome = z.enum(["success", "failure", "cancelled", "skipped"]);

const stepEvent = z.discriminatedUnion("at", [
  z.object({ e: z.literal("step"), n: count, name: line, at: z.literal("begin") }),
  z.object({
    e: z.literal("step"),
    n: count,
    name: line,
    at: z.literal("end"),
    outcome,
    conclusion: outcome,
    code: z.int().min(0).max(255).exactOptional(),
    ms,
  }),
]);

/** One event of a journal as a box tells it: bounded, unknown keys dropped. */
export const taskEventSchema: z.ZodType<TaskEvent> = z.discriminatedUnion("e", [
  z.object({
    e: z.literal("task"),
    v: z.int(),
    id,
    sha: z
      .string()
      .regex(/^[0-9a-f]{40}$/)
      .exactOptional(),
    epoch: line,
    boxd: line,
    node: line,
    rung,
    sandbox,
  }),
  phaseEvent,
  stepEvent,
  z.object({ e: z.literal("group"), n: count, at: z.enum(["begin", "end"]), name: line }),
  z.object({
    e: z.literal("annotation"),
    n: count,
    level: z.enum(["notice", "warning", "failure"]),
    message: text,
    title: text.exactOptional(),
    path: text.exactOptional(),
    line: count.exactOptional(),
    endLine: count.exactOptional(),
    column: count.exactOptional(),
    endColumn: count.exactOptional(),
  }),
  z.object({ e: z.literal("summary"), n: count, markdown: text }),
  z.object({ e: z.literal("note"), text }),
  z.discriminatedUnion("at", [
    z.object({ e: z.literal("cache"), at: z.literal("want"), sha256: line }),
    // What is no name, hash or size the caches' flow passes over: a masked one is no lie.
    z.object({
      e: z.literal("cache"),
      at: z.literal("saved"),
      key: line,
      version: line,
      sha256: line,
      sizeBytes: count,
    }),
  ]),
  resultsEvent,
  failureEvent,
  ...leftEvents,
  z.object({ e: z.literal("gap"), bytes: count, reason: z.enum(["cap", "disk_full"]) }),
  z.object({ e: z.literal("left"), processes: names }),
  z.object({ e: z.literal("exit"), ...exitFields }),
]);

/** `status`'s answer. */
export const boxStatusSchema: z.ZodType<BoxStatus> = z.object({
  v: z.int(),
  epoch: line,
  boxd: line,
  node: line,
  git: line.nullable(),
  bwrap: z.boolean(),
  rung,
  freeBytes: z.number().min(0),
  oomKills: count,
  tasks: z
    .array(
      z.object({
        id,
        state: z.enum(["absent", "starting", "stillborn", "running", "lost", "done"]),
        executed: z.boolean(),
        journalBytes: count,
      }),
    )
    .max(TASKS_MAX),
});

/** An event of the App's own copy; null for what the stream would not have let in: the disk may have changed it since. */
export function parseCopiedEvent(payload: Buffer): TaskEvent | null {
  try {
    const event = taskEventSchema.safeParse(JSON.parse(payload.toString("utf8")));
    return event.success ? event.data : null;
  } catch (thrown) {
    if (thrown instanceof SyntaxError) return null;
    throw thrown;
  }
}
