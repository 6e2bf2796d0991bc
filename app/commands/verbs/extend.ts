import { parseDuration, writeDuration } from "../../duration.ts";
import { formatTime } from "../../human.ts";
import { formatMicroUsd } from "../../money.ts";
import { defineCommand } from "../command.ts";
import { findLease } from "../find-lease.ts";
import { echo } from "../flags.ts";
import { overCap } from "../over-cap.ts";

/** Shorter is a slip of the hand. */
const MIN_MORE_MS = 1_000;

/** `/crabbox extend [BOX] DURATION`: a box may live longer. */
export const extend = defineCommand<{ readonly box: string | null; readonly moreMs: number }>({
  verb: "extend",
  usage: "extend [BOX] DURATION",
  summary: "Lets this pull request's box live longer, at most as long as the server allows.",
  details: [
    "What it may cost is reserved first. The time limit of a run on it stays as it is, and so does the idle time: `/crabbox keep` is " +
      "for that.",
    "",
    "Example: `/crabbox extend 1h`",
  ],
  flags: [],
  takesCommand: false,
  needsBase: false,
  heedsFile: true,
  permission: "write",

  parse({ words }) {
    const [stray] = words.slice(2);
    if (stray !== undefined) return { ok: false, message: `${echo(stray)} is one word too many.` };
    const typed = words.at(-1);
    if (typed === undefined) return { ok: false, message: "Say how much longer: `/crabbox extend 1h`." };
    const moreMs = parseDuration(typed.toLowerCase());
    if (moreMs === null || moreMs < MIN_MORE_MS)
      return { ok: false, message: `A duration such as \`30m\` or \`1h30m\` is needed, not ${echo(typed)}.` };
    return { ok: true, value: { box: words.length === 2 ? (words[0] ?? null) : null, moreMs } };
  },

  async handle(deps, context, { box, moreMs }) {
    const found = await findLease(deps, context, box);
    if (!found.ok) return { ok: false, body: found.message };
    const { lease } = found;
    const maxMs = deps.limits.ttlMs.max;
    const expiresAt = Math.min(lease.expiresAt + moreMs, lease.createdAt + maxMs);
    const name = `\`${lease.slug}\` (\`${lease.id}\`)`;
    if (expiresAt <= lease.expiresAt) {
      const body = `${name} lives until ${formatTime(lease.expiresAt)}: this server ends every box after \`${writeDuration(maxMs)}\`.`;
      return { ok: false, body };
    }
    const extended = await deps.extendLease({
      lease,
      expiresAt,
      key: `reserve:${lease.id}:${context.sourceKey}`,
      pullRequest: context.pullRequest.number,
      actor: context.actor,
    });
    switch (extended.kind) {
      case "not_active":
        return { ok: false, body: `${name} is ending, so it cannot live longer.` };
      case "over_cap":
        return { ok: false, body: overCap(extended, "this extension", extended.moreMicroUsd) };
      case "extended": {
        const cut = expiresAt < lease.expiresAt + moreMs;
        const notes = [
          `${name} lives until ${formatTime(extended.lease.expiresAt)} now. It can cost ${formatMicroUsd(extended.reservedMicroUsd)} at most in all.`,
          ...(cut
            ? [`More this server does not allow: it ends every box after \`${writeDuration(maxMs)}\`.`]
            : []),
          ...(extended.isTold
            ? []
            : ["Its provider does not answer now; the box is told as soon as it does."]),
        ];
        return { ok: true, body: notes.join(" ") };
      }
    }
  },
});
