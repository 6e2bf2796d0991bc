import { parseDuration, writeDuration } from "../../duration.ts";
import { formatTime } from "../../human.ts";
import { KEEP_MS } from "../../leases/keep.ts";
import { formatMicroUsd } from "../../money.ts";
import { defineCommand } from "../command.ts";
import { findLease } from "../find-lease.ts";
import { echo } from "../flags.ts";
import { overCap } from "../over-cap.ts";

/** Shorter is a slip of the hand. */
const MIN_KEEP_MS = 1_000;

/** `/crabbox keep [BOX] [DURATION]`: a warm box waits longer for the next run. */
export const keep = defineCommand<{ readonly box: string | null; readonly forMs: number }>({
  verb: "keep",
  usage: "keep [BOX] [DURATION]",
  summary: `Holds this pull request's warm box for the next run, ${writeDuration(KEEP_MS)} from now or as long as named.`,
  details: [
    "Where its life would end before, that is extended, and what it may cost is reserved first. A run that finds no other place may " +
      "still end an idle box.",
    "",
    "Example: `/crabbox keep 1h`",
  ],
  flags: [],
  takesCommand: false,
  needsBase: false,
  heedsFile: true,
  permission: "write",

  parse({ words }) {
    const [stray] = words.slice(2);
    if (stray !== undefined) return { ok: false, message: `${echo(stray)} is one word too many.` };
    const [first, second] = words;
    const onlyMs = second === undefined && first !== undefined ? parseDuration(first.toLowerCase()) : null;
    if (onlyMs !== null) return inTime(null, onlyMs, first ?? "");
    if (second === undefined) return { ok: true, value: { box: first ?? null, forMs: KEEP_MS } };
    return inTime(first ?? null, parseDuration(second.toLowerCase()), second);
  },

  async handle(deps, context, { box, forMs: asked }) {
    const found = await findLease(deps, context, box);
    if (!found.ok) return { ok: false, body: found.message };
    const { lease } = found;
    const maxMs = deps.limits.idleMs.max;
    const forMs = Math.min(asked, maxMs);
    const kept = await deps.keepLease({
      lease,
      forMs,
      latestMs: lease.createdAt + deps.limits.ttlMs.max,
      key: `reserve:${lease.id}:${context.sourceKey}`,
      pullRequest: context.pullRequest.number,
      actor: context.actor,
    });
    const name = `\`${lease.slug}\` (\`${lease.id}\`)`;
    switch (kept.kind) {
      case "not_active":
        return { ok: false, body: `${name} is ending, so it cannot be kept.` };
      case "over_cap":
        return { ok: false, body: overCap(kept, "keeping this box", kept.moreMicroUsd) };
      case "kept": {
        const waits = `waits \`${writeDuration(kept.lease.idleMs)}\` for the next run`;
        const from = kept.lease.idleSince === null ? "once the run on it has ended" : "from now on";
        const notes = [
          `${name} ${waits}, ${from}, until ${formatTime(kept.endsAt)} at most.`,
          ...(kept.reservedMicroUsd === null
            ? []
            : [`It can cost ${formatMicroUsd(kept.reservedMicroUsd)} at most in all.`]),
          ...(forMs < asked ? [`More than \`${writeDuration(maxMs)}\` this server does not allow.`] : []),
        ];
        return { ok: true, body: notes.join(" ") };
      }
    }
  },
});

function inTime(box: string | null, forMs: number | null, typed: string) {
  if (forMs === null || forMs < MIN_KEEP_MS)
    return {
      ok: false as const,
      message: `A duration such as \`30m\` or \`1h30m\` is needed, not ${echo(typed)}.`,
    };
  return { ok: true as const, value: { box, forMs } };
}
