import { z } from "zod";

/** Deeper than this nobody pages; a filter helps more. */
const FROM_MAX = 10_000;
/** GitHub's own forms of names. */
const Owner = z.string().regex(/^[A-Za-z0-9_-]{1,100}$/u);
const Name = z.string().regex(/^[\w.-]{1,100}$/u);

export const PageQuery = z.object({ from: z.coerce.number().int().min(0).max(FROM_MAX).default(0) });
/** A form that was sent names itself, so that its answer is shown. */
export const SaidQuery = PageQuery.extend({
  said: z
    .string()
    .regex(/^[\w-]{1,64}$/u)
    .optional(),
});
export const AuditQuery = PageQuery.extend({
  subject: z.enum(["", "run", "attempt", "lease", "box", "account", "delivery", "pull_request"]).default(""),
  id: z.string().max(200).default(""),
});
export const RunParams = z.object({ run: z.string().regex(/^run_[0-9a-f]{1,32}$/u) });
export const RepositoryParams = z.object({ owner: Owner, name: Name });
export const PullParams = RepositoryParams.extend({
  number: z.coerce.number().int().min(1).max(2_147_483_647),
});
export const ButtonParams = RunParams.extend({ identifier: z.string().regex(/^[a-z]{1,20}$/u) });
export const LeaseParams = z.object({
  lease: z.string().regex(/^cbx_[0-9a-f]{1,32}$/u),
  act: z.enum(["stop", "extend"]),
});
export const GuidParams = z.object({ guid: z.string().regex(/^[\w-]{1,100}$/u) });
