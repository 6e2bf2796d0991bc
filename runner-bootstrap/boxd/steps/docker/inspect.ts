/** What docker tells of a container, read by form. */

import type { Room } from "./room.ts";

export type Health = {
  readonly isRunning: boolean;
  /** As docker names it; `none` without a health check. */
  readonly status: "none" | "starting" | "healthy" | "unhealthy";
  /** What the last check said, bounded; empty when it said nothing. */
  readonly words: string;
};

const PORT_LINE = /^(\d+)\/\w+ -> .+:(\d+)$/;
const WORDS_MAX_CHARS = 500;
const UNREADABLE = "docker inspect said nothing that can be read";
/** Docker's own, for an image that names none. */
const DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/** How a container is, or why docker cannot say. */
export async function healthOf(
  room: Room,
  step: number,
  id: string,
): Promise<Health | { readonly failed: string }> {
  const answer = await asked(room, step, ["inspect", "--format={{json .State}}", id]);
  if ("failed" in answer) return answer;
  const { value: state } = answer;
  if (!isRecord(state)) return { failed: UNREADABLE };
  const health = isRecord(state["Health"]) ? state["Health"] : { Status: "none" };
  const log: unknown = health["Log"];
  const last: unknown = Array.isArray(log) ? log.at(-1) : undefined;
  const words = isRecord(last) && typeof last["Output"] === "string" ? last["Output"] : "";
  const status = health["Status"];
  return {
    isRunning: state["Running"] === true,
    status: status === "none" || status === "starting" || status === "healthy" ? status : "unhealthy",
    words: words.trim().slice(-WORDS_MAX_CHARS),
  };
}

/** Container port to host port, as `job.services.ID.ports` has them. */
export async function portsOf(room: Room, step: number, id: string): Promise<Record<string, string>> {
  const answer = await room.cli.ask(step, ["port", id], room.cancel);
  const lines = "failed" in answer ? [] : answer.text.split("\n");
  return Object.fromEntries(
    lines
      .map((line) => PORT_LINE.exec(line))
      .flatMap((match) => (match === null ? [] : [[match[1] ?? "", match[2] ?? ""]])),
  );
}

/** PATH of a container's configuration. */
export async function pathOf(room: Room, step: number, id: string): Promise<string> {
  const answer = await asked(room, step, ["inspect", "--format={{json .Config.Env}}", id]);
  const env = "failed" in answer ? null : answer.value;
  const entries = Array.isArray(env) ? env.filter((entry) => typeof entry === "string") : [];
  return entries.find((entry) => entry.startsWith("PATH="))?.slice("PATH=".length) ?? DEFAULT_PATH;
}

/** Ids or names that docker lists, one a line. */
export async function listed(
  room: Pick<Room, "cli" | "cancel">,
  step: number,
  args: readonly string[],
): Promise<readonly string[]> {
  const answer = await room.cli.ask(step, args, { isQuiet: true, ...room.cancel });
  return "failed" in answer
    ? []
    : answer.text.split("\n").filter((line) => /^[A-Za-z0-9][\w:.-]*$/.test(line));
}

async function asked(
  room: Room,
  step: number,
  args: readonly string[],
): Promise<{ readonly value: unknown } | { readonly failed: string }> {
  const answer = await room.cli.ask(step, args, room.cancel);
  if ("failed" in answer) return answer;
  try {
    return { value: JSON.parse(answer.text.trim().split("\n").at(-1) ?? "") };
  } catch {
    // Docker said something else: it cannot say.
    return { failed: UNREADABLE };
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
