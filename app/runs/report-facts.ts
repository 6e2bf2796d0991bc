import type { Task } from "../../runner-bootstrap/boxd/task.ts";
import { shortLine } from "../clamp.ts";
import { billed } from "../costs/price.ts";
import { formatDuration } from "../duration.ts";
import { formatMicroUsd } from "../money.ts";
import { formatBytes, formatTime } from "../human.ts";
import type { Attempt, Box, Lease, Run } from "../store/rows.ts";

/** One row of the table of phases; plain text. */
export type PhaseRow = {
  readonly name: string;
  readonly duration: string;
  readonly ms: number;
  readonly result: string;
};

const ON_BOX = ["sync", "hydrate", "execute", "collect"] as const;
const MAX_NAMES = 20;
const NAME_BYTES = 80;

/** What each stage took, in order; stages that were not reached are left out. Never a negative time, whatever the clocks say. */
export function phaseRows(run: Run, attempt: Attempt | null, now: number): readonly PhaseRow[] {
  const isOpen = run.state !== "reporting" && run.state !== "done";
  const end = run.endedAt ?? now;
  const rows: PhaseRow[] = [];
  const isHeld = run.state === "held";
  if (isHeld || run.queuedAt !== null)
    rows.push(lasting("approval", (run.queuedAt ?? end) - run.createdAt, isHeld ? "waiting" : ""));
  if (!isHeld) {
    const since = run.queuedAt ?? run.createdAt;
    rows.push(row("queue", (run.startedAt ?? end) - since, isOpen && run.startedAt === null));
  }
  if (run.startedAt !== null) {
    rows.push(row("lease", (attempt?.createdAt ?? end) - run.startedAt, isOpen && attempt === null));
  }
  for (const name of ON_BOX) {
    const phase = attempt?.phases[name];
    if (phase === undefined) continue;
    const detail = phase.detail === undefined ? "" : `: ${phase.detail.replaceAll("_", " ")}`;
    const open = phase.ms === undefined;
    const result = open ? "under way" : `${phase.outcome ?? "ended"}${detail}`;
    rows.push(lasting(name, phase.ms ?? now - phase.begin, result));
  }
  if (run.endedAt !== null && attempt?.endedAt !== undefined && attempt.endedAt !== null) {
    rows.push(row("report", run.endedAt - attempt.endedAt, false));
  }
  return rows;
}

/** What it cost and where the figure comes from. */
export function costText(attempts: readonly Attempt[], box: Box | null, now: number): string {
  const settled = attempts.reduce((sum, { costMicroUsd }) => sum + (costMicroUsd ?? 0), 0);
  const allSettled = attempts.length > 0 && attempts.every(({ costMicroUsd }) => costMicroUsd !== null);
  const price = box?.price ?? null;
  if (price === null) return allSettled ? formatMicroUsd(settled) : "nothing yet";
  const source = `${formatMicroUsd(price.microUsdPerHour)} an hour, ${price.source}, ${price.date}`;
  if (allSettled) return `${formatMicroUsd(settled)} (${source})`;
  if (price.microUsdPerHour === 0) return `$0.00 (${source})`;
  const open = attempts.filter(({ costMicroUsd }) => costMicroUsd === null);
  const usedMs = open.reduce(
    (sum, { createdAt, endedAt }) => sum + Math.max(0, (endedAt ?? now) - createdAt),
    0,
  );
  return `about ${formatMicroUsd(settled + billed(price, usedMs))}, settled when the box ends (${source})`;
}

/** Which set-up steps ran, or why none did. Null before that is known. */
export function setUpText(
  run: Pick<Run, "options">,
  attempt: Attempt | null,
  box: Box | null,
): string | null {
  const from = run.options.stepsFrom ?? "base";
  const task = attempt?.task ?? null;
  if (attempt === null || task === null) return null;
  if (task.job !== undefined) return jobText(task.job);
  const phase = attempt.phases.hydrate;
  if (task.hydrate !== undefined) {
    if (phase?.outcome === "skipped") return `skipped: ${phase.detail ?? "already done on this box"}`;
    const steps = namesOf(task.hydrate);
    const names = steps.slice(0, MAX_NAMES).map(quoted);
    const more = steps.length > MAX_NAMES ? ` and ${steps.length - MAX_NAMES} more` : "";
    return `${steps.length === 1 ? "1 step" : `${steps.length} steps`}: ${names.join(", ")}${more}`;
  }
  if (box?.hydrated !== null && box?.hydrated !== undefined && box.hydrated.at <= attempt.createdAt) {
    return `skipped: done on this box at ${formatTime(box.hydrated.at)}, for ${from} ${box.hydrated.sha.slice(0, 12)}${servicesText(task)}`;
  }
  return `none: no \`hydrate\` job in the ${from} branch's workflows`;
}

/** Which services of the set-up are started although its steps are not run. */
function servicesText({ services }: Pick<Task, "services">): string {
  const names = Object.keys(services?.services ?? {});
  if (names.length === 0) return "";
  const more = names.length > MAX_NAMES ? ` and ${names.length - MAX_NAMES} more` : "";
  return `; services started again: ${names.slice(0, MAX_NAMES).map(quoted).join(", ")}${more}`;
}

/** What runs in a command's stead. */
function jobText({ jobs }: NonNullable<Task["job"]>): string {
  const first = jobs.prepared.map(({ model }) => model.id).filter((id) => id !== jobs.target);
  const names = first.slice(0, MAX_NAMES).map(quoted);
  const more = first.length > MAX_NAMES ? ` and ${first.length - MAX_NAMES} more` : "";
  const before = first.length === 0 ? "" : `, after ${names.join(", ")}${more}`;
  return `the whole job ${quoted(jobs.target)} of ${quoted(jobs.frame.top.path)} from the base commit${before}; nothing prepares the box`;
}

function namesOf(phase: NonNullable<Task["hydrate"]>): readonly string[] {
  return (phase.plan?.steps ?? []).map(
    (step) => step.name ?? (step.kind === "uses" ? step.uses : step.kind === "run" ? step.run : step.kind),
  );
}

/** Things a reader must know besides the outcome, one sentence each. */
export function notes(attempts: readonly Attempt[], lease: Lease | null): readonly string[] {
  const found: string[] = [];
  for (const { n, exit } of attempts.slice(0, -1)) {
    found.push(
      `Attempt ${n} ended before the command began (${exit?.why?.replaceAll("_", " ") ?? "the box was lost"}); attempt ${n + 1} ran on another box.`,
    );
  }
  const exit = attempts.at(-1)?.exit ?? null;
  if (exit === null) return found;
  if ((exit.gapBytes ?? 0) > 0)
    found.push(`${formatBytes(exit.gapBytes ?? 0)} of the log were left out; the gap is marked in it.`);
  if (exit.diskFull === true) found.push("The box's disk ran full.");
  if (exit.survivors.length > 0) {
    const names = exit.survivors.slice(0, MAX_NAMES).map(quoted);
    found.push(`Left running: ${names.join(", ")}. The box is retired.`);
  }
  if (exit.rung === "best-effort" && exit.executed) {
    found.push(
      "`containment: best effort`: the box is not kept warm, and its place is wiped before anybody else gets it.",
    );
  } else if (lease?.state === "active" && lease.holder.kind === "pull_request") {
    found.push(`The box stays warm for this pull request; \`/crabbox stop ${lease.slug}\` gives it back.`);
  }
  return found;
}

function row(name: string, ms: number, open: boolean): PhaseRow {
  return lasting(name, ms, open ? "under way" : "");
}

function lasting(name: string, ms: number, result: string): PhaseRow {
  return { name, duration: formatDuration(ms), ms: Math.max(0, Math.round(ms)), result };
}

/** Code for the `prose` of a template. */
function quoted(name: string): string {
  return `\`${shortLine(name, NAME_BYTES).replaceAll("`", "'")}\``;
}
