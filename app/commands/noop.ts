import { ProviderError } from "../../providers/provider.ts";
import { cellCode, fence } from "../clamp.ts";
import { worstCase } from "../costs/price.ts";
import { writeDuration } from "../duration.ts";
import type { HydratePlan } from "../hydrate/hydrate-plan.ts";
import { isUntrusted } from "../leases/lease.ts";
import { formatMicroUsd } from "../money.ts";
import type { RepoConfig } from "../repo-config/schema.ts";
import type { NewRun } from "../store/runs.ts";
import type { PlanStep } from "../../runner-bootstrap/boxd/steps/plan.ts";
import type { CommandContext, CommandDeps, Reply } from "./command.ts";

/** Longest name of a set-up step that is repeated. */
const NAME_BYTES = 100;
/** Most set-up steps listed; more are counted. */
const MAX_STEPS_SHOWN = 20;
/** Longest part of the command that is repeated. */
const COMMAND_BYTES = 4_096;
/** A provider that does not say its price in this time is reported so. */
const PRICE_WITHIN_MS = 10_000;

/** Says what a run would do, without a lease, a run or a charge. */
export async function noop(
  deps: Pick<CommandDeps, "limits" | "providers" | "hydration">,
  context: CommandContext,
  wanted: NewRun,
  notes: readonly string[],
): Promise<Reply> {
  const [cost, plan] = await Promise.all([costOf(deps, wanted), deps.hydration(wanted, context.repository)]);
  const { options } = wanted;
  const rows: readonly (readonly [string, string])[] = [
    ["Commit", `<code>${wanted.headSha}</code>, the head of ${cellCode(wanted.headRef, NAME_BYTES)}`],
    ["Check", cellCode(wanted.checkName, NAME_BYTES)],
    ["Box", cost.box],
    [
      "Times",
      `limit ${writeDuration(options.timeoutMs)}, life ${writeDuration(options.ttlMs)}, warm ${writeDuration(options.idleMs)}`,
    ],
    ["Cost at most", cost.ceiling],
    ["Set-up", setUp(plan, wanted.options.stepsFrom ?? "base")],
    ["Who may", whoMay(context.file.who)],
    ...(isUntrusted(wanted.trustDomain) ? [HELD] : []),
  ];
  const table = [
    "| What would happen | |",
    "| --- | --- |",
    ...rows.map(([name, text]) => `| ${name} | ${text} |`),
  ];
  const body = [
    "Nothing was started. This would run:",
    "",
    fence(wanted.command, COMMAND_BYTES, "head"),
    "",
    ...table,
    ...(notes.length === 0 ? [] : ["", notes.join(" ")]),
  ];
  return { ok: cost.ok && plan.kind !== "refused", body: body.join("\n") };
}

function whoMay({ role, users, teams }: RepoConfig["who"]): string {
  if (users === undefined && teams === undefined)
    return role === "write"
      ? "everybody with write access to this repository"
      : `everybody with the role \`${role}\` or more`;
  const names = [...(users ?? []), ...(teams ?? []).map((team) => `team ${team}`)];
  return `${names.map((name) => cellCode(name, NAME_BYTES)).join(", ")}, with the role \`${role}\` or more`;
}

const HELD = ["Starts", "once a writer has approved this commit (`/crabbox help approve`)"] as const;

async function costOf(
  deps: Pick<CommandDeps, "limits" | "providers">,
  wanted: NewRun,
): Promise<{ readonly ok: boolean; readonly box: string; readonly ceiling: string }> {
  const { options } = wanted;
  const name = options.provider ?? deps.limits.defaultProvider;
  const provider = deps.providers.get(name);
  const types = provider?.types(options.class) ?? [];
  const asked = `class \`${options.class}\` from ${cellCode(name, NAME_BYTES)}`;
  if (provider === undefined || types.length === 0) {
    return { ok: false, box: `${asked}: not offered, ask for another \`--class\``, ceiling: "-" };
  }
  const box = `${asked}, tried in this order: ${types.map((type) => cellCode(type, NAME_BYTES)).join(", ")}`;
  const signal = AbortSignal.timeout(PRICE_WITHIN_MS);
  try {
    const prices = await Promise.all(types.map((type) => provider.price(type, signal)));
    const sources = new Set(prices.map(({ source, date }) => `${source}, ${date}`));
    const ceiling = formatMicroUsd(worstCase(prices, options.ttlMs));
    return { ok: true, box, ceiling: `${ceiling} (${cellCode([...sources].join("; "), NAME_BYTES * 2)})` };
  } catch (error) {
    if (!(error instanceof ProviderError)) throw error;
    return {
      ok: false,
      box,
      ceiling: `unknown: the provider does not tell its price now. ${cellCode(error.hint, NAME_BYTES * 2)}`,
    };
  }
}

function setUp(plan: HydratePlan, from: "base" | "head"): string {
  switch (plan.kind) {
    case "none":
      return `none: ${cellCode(plan.reason, NAME_BYTES * 2)}`;
    case "skipped":
      return `nothing would run: the job is skipped: ${cellCode(plan.reason, NAME_BYTES * 2)}`;
    case "job": {
      const first = plan.phase.jobs.prepared.map(({ model }) => model.id).filter((id) => id !== plan.job);
      const needed = first.map((id) => cellCode(id, NAME_BYTES)).slice(0, MAX_STEPS_SHOWN);
      const before = needed.length === 0 ? "" : `, after ${needed.join(", ")} on the same box`;
      return `the whole job ${cellCode(plan.job, NAME_BYTES)}, from ${cellCode(plan.path, NAME_BYTES)} of the base branch${before}`;
    }
    case "refused":
      return `would fail: ${cellCode(plan.step, NAME_BYTES)} in ${cellCode(plan.place, NAME_BYTES)}: ${cellCode(plan.reason, NAME_BYTES * 2)}`;
    case "plan": {
      const names = (plan.phase.plan?.steps ?? []).map((step) => cellCode(nameOf(step), NAME_BYTES));
      const shown = names.slice(0, MAX_STEPS_SHOWN).join(", ");
      const more = names.length > MAX_STEPS_SHOWN ? ` and ${names.length - MAX_STEPS_SHOWN} more` : "";
      return `${shown}${more}, from ${cellCode(plan.path, NAME_BYTES)} of the ${from} branch`;
    }
  }
}

function nameOf(step: PlanStep): string {
  if (step.name !== undefined) return step.name;
  if (step.kind === "uses") return step.uses;
  return step.kind === "run" ? (step.run.trim().split("\n")[0] ?? "") : step.kind;
}
