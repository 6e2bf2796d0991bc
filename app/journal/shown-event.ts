import { z } from "zod";

import { formatDuration } from "../duration.ts";
import { formatBytes } from "../human.ts";
import { countsText } from "../results/test-results.ts";

/** How an event looks between the lines. `kind` picks the style, `text` is plain. */
export type ShownEvent = {
  readonly kind: "phase" | "step" | "note" | "good" | "bad" | "gap";
  readonly text: string;
};

/** A separator is one line on a screen; what a box puts into an event is cut there. */
const TEXT_CHARACTERS = 500;
const NAMES = 20;

const Name = z.string().transform(short);
const End = z.enum(["succeeded", "failed", "skipped"]);
const Outcome = z.enum(["success", "failure", "cancelled", "skipped"]);
const OUTCOME_WORDS = {
  success: "succeeded",
  failure: "failed",
  cancelled: "cancelled",
  skipped: "skipped",
} as const;
const Event = z.discriminatedUnion("e", [
  z.object({ e: z.literal("task"), boxd: Name, node: Name, rung: Name }),
  z.object({
    e: z.literal("phase"),
    name: Name,
    at: z.enum(["begin", "end"]),
    outcome: End.optional(),
    ms: z.number().optional(),
    detail: Name.optional(),
  }),
  z.object({
    e: z.literal("step"),
    n: z.number(),
    name: Name,
    at: z.enum(["begin", "end"]),
    conclusion: Outcome.optional(),
    code: z.number().optional(),
    ms: z.number().optional(),
  }),
  z.object({ e: z.literal("note"), text: Name }),
  z.object({
    e: z.literal("results"),
    passed: z.number(),
    failed: z.number(),
    skipped: z.number(),
  }),
  z.object({ e: z.literal("gap"), bytes: z.number(), reason: Name }),
  z.object({ e: z.literal("left"), processes: z.array(Name) }),
  z.object({
    e: z.literal("exit"),
    why: Name.optional(),
    code: z.number().optional(),
    signal: Name.optional(),
    error: Name.optional(),
    conclusion: Outcome.optional(),
    step: Name.optional(),
  }),
]);
type Event = z.infer<typeof Event>;

/** The row an event frame makes, or null when it makes none. Hostile bytes make none. */
export function shownEvent(payload: Buffer): ShownEvent | null {
  const event = Event.safeParse(parseJson(payload));
  return event.success ? show(event.data) : null;
}

function show(event: Event): ShownEvent {
  switch (event.e) {
    case "task":
      return { kind: "note", text: `boxd ${event.boxd} on Node ${event.node}, containment: ${event.rung}` };
    case "phase":
      return event.at === "begin"
        ? { kind: "phase", text: event.name }
        : ended(event.name, event.outcome, event.ms, event.detail);
    case "step":
      return event.at === "begin"
        ? { kind: "step", text: `Step ${event.n}: ${event.name}` }
        : ended(
            `Step ${event.n}`,
            event.conclusion === undefined ? undefined : OUTCOME_WORDS[event.conclusion],
            event.ms,
            event.code === undefined || event.code === 0 ? undefined : `exit code ${event.code}`,
          );
    case "note":
      return { kind: "note", text: event.text };
    case "results":
      return {
        kind: event.failed > 0 ? "bad" : "note",
        text: `Tests: ${countsText(event) || "none"}`,
      };
    case "gap":
      return { kind: "gap", text: `${formatBytes(event.bytes)} left out here (${gapReason(event.reason)})` };
    case "left":
      return { kind: "bad", text: `Still running: ${event.processes.slice(0, NAMES).join(", ")}` };
    case "exit":
      return exited(event);
  }
}

function ended(
  name: string,
  outcome: z.infer<typeof End> | "cancelled" | undefined,
  ms: number | undefined,
  detail: string | undefined,
): ShownEvent {
  const time = ms === undefined || outcome === "skipped" ? "" : ` in ${formatDuration(ms)}`;
  const text = `${name} ${outcome ?? "ended"}${time}${detail === undefined ? "" : `: ${detail.replaceAll("_", " ")}`}`;
  return { kind: outcome === "failed" ? "bad" : "note", text };
}

function exited(event: Extract<Event, { e: "exit" }>): ShownEvent {
  const words = event.why?.replaceAll("_", " ");
  const error = event.error === undefined ? "" : `: ${event.error}`;
  if (words !== undefined) return { kind: "bad", text: `Ended, ${words}${error}` };
  if (event.conclusion !== undefined) {
    const step = event.step === undefined ? "" : ` at the step "${event.step}"`;
    const kind = event.conclusion === "success" ? "good" : "bad";
    return { kind, text: `The job ${OUTCOME_WORDS[event.conclusion]}${step}${error}` };
  }
  if (event.error !== undefined) return { kind: "bad", text: `The command could not be started${error}` };
  if (event.signal !== undefined) return { kind: "bad", text: `Killed by ${event.signal}` };
  return { kind: event.code === 0 ? "good" : "bad", text: `Exited with ${event.code ?? "no code"}` };
}

function gapReason(reason: string): string {
  if (reason === "cap") return "the log reached its cap; its head and tail are kept";
  return reason === "disk_full" ? "the box's disk was full" : reason;
}

function short(text: string): string {
  return text.replace(/\s+/gu, " ").slice(0, TEXT_CHARACTERS);
}

function parseJson(payload: Buffer): unknown {
  try {
    return JSON.parse(payload.toString("utf8"));
  } catch (thrown) {
    if (thrown instanceof SyntaxError) return null;
    throw thrown;
  }
}
