import { writeDuration } from "../../duration.ts";
import { domainOf } from "../../forks/source.ts";
import { formatTime } from "../../human.ts";
import { KEEP_MS } from "../../leases/keep.ts";
import type { WarmedUp } from "../../leases/warm-up.ts";
import { formatMicroUsd } from "../../money.ts";
import { fillOptions } from "../../repo-config/narrow.ts";
import type { Lease } from "../../store/rows.ts";
import { inlineCode } from "../../clamp.ts";
import { defineCommand, type Reply } from "../command.ts";
import { oneWord } from "../one-word.ts";
import { overCap } from "../over-cap.ts";
import { whyNoRun } from "../pull-request.ts";
import { whyNotUntrusted } from "../untrusted.ts";
import { OPTION_FLAGS, readOptions, settleOptions, type AskedOptions } from "../run-options.ts";

/** Longest part of a provider's words that an answer repeats. */
const WORDS_BYTES = 300;
/** No command, so no time limit: any that fits every life. */
const NO_COMMAND_MS = 1_000;

/** `/crabbox warmup`: a box for the pull request's next run, made ahead. */
export const warmup = defineCommand<AskedOptions>({
  verb: "warmup",
  usage: "warmup [--class CLASS] [--provider NAME] [--ttl 90m] [--idle 10m]",
  summary: "Makes a box ahead, so that the next run need not wait for one.",
  details: [
    "It costs from now on and waits `--idle` long for a run of the same class and provider. The set-up steps run with the first run.",
    "",
    "Example: `/crabbox warmup --class large --idle 30m`",
  ],
  flags: OPTION_FLAGS.filter(({ name }) => name !== "timeout"),
  takesCommand: false,
  needsBase: false,
  heedsFile: true,
  permission: "write",

  parse({ flags, words }) {
    const none = oneWord(words, (word) => word);
    if (!none.ok) return none;
    if (none.value !== null) return { ok: false, message: "`warmup` takes flags only." };
    const options = readOptions(flags);
    if (options.ok && options.value.idleMs === 0)
      return { ok: false, message: "A warm box waits for a run: `--idle` must be longer than `0s`." };
    return options;
  },

  async handle(deps, context, asked) {
    const { repository, pullRequest, actor } = context;
    const refusal = whyNoRun(pullRequest);
    if (refusal !== null) return { ok: false, body: refusal };
    const usual = context.file.defaults.idle ?? deps.limits.idleMs.default;
    const idleMs = asked.idleMs ?? (usual === 0 ? KEEP_MS : undefined);
    const wanted = { ...asked, timeoutMs: NO_COMMAND_MS, ...(idleMs === undefined ? {} : { idleMs }) };
    const untrusted = await whyNotUntrusted(deps, context, asked.provider);
    if (untrusted !== null) return { ok: false, body: untrusted };
    const filled = fillOptions(context.file, wanted, {}, deps.limits);
    const settled = settleOptions(filled, deps.limits, deps.providers);
    if (!settled.ok) return { ok: false, body: settled.message };
    const { options, notes } = settled.value;
    const warmed = await deps.warmUp({
      cause: context.sourceKey,
      repository,
      pullRequest: pullRequest.number,
      trustDomain: domainOf(repository.id, pullRequest),
      actor,
      provider: options.provider ?? deps.limits.defaultProvider,
      class: options.class,
      ttlMs: options.ttlMs,
      idleMs: options.idleMs,
    });
    const reply = answer(warmed);
    return { ...reply, body: [reply.body, ...notes].join(" ") };
  },
});

function answer(warmed: WarmedUp): Reply {
  switch (warmed.kind) {
    case "making": {
      const { lease, ceilingMicroUsd } = warmed;
      const body =
        `The box ${named(lease)} is being made: class \`${lease.class}\` from ${inlineCode(lease.provider, WORDS_BYTES)}. ` +
        `It waits ${writeDuration(lease.idleMs)} for a run, lives until ${formatTime(lease.expiresAt)} at most, and can cost ` +
        `${formatMicroUsd(ceilingMicroUsd)} at most.`;
      return { ok: true, body };
    }
    case "already_warm": {
      const { lease } = warmed;
      const state = lease.state === "requested" ? "is being made already" : "is already warm";
      return {
        ok: true,
        body: `The box ${named(lease)} ${state}, until ${formatTime(lease.expiresAt)} at most. \`/crabbox keep\` holds it longer.`,
      };
    }
    case "no_price":
      return {
        ok: false,
        body: `No box was made: ${inlineCode(`${warmed.message} ${warmed.hint}`, WORDS_BYTES)}`,
      };
    case "refused": {
      const { refusal, ceilingMicroUsd } = warmed;
      if (refusal.why === "over_cap")
        return { ok: false, body: overCap(refusal, "this box", ceilingMicroUsd) };
      const places = `${refusal.live} of ${refusal.max}`;
      return {
        ok: false,
        body: `The account has ${places} boxes, so none was made ahead. \`/crabbox stop\` gives one back.`,
      };
    }
  }
}

function named({ slug, id }: Lease): string {
  return `\`${slug}\` (\`${id}\`)`;
}
