import { approveCommit } from "../approve.ts";
import { defineCommand } from "../command.ts";
import { echo } from "../flags.ts";

/** A whole commit id; a shorter one can be made to name another commit. */
const WHOLE_SHA = /^[0-9a-f]{40}$/iu;
/** What looks like a part of one. */
const PART_OF_SHA = /^[0-9a-f]{4,39}$/iu;

/** `/crabbox approve SHA`: lets held runs of one commit of a fork or of Dependabot start. */
export const approve = defineCommand<{ readonly sha: string }>({
  verb: "approve",
  usage: "approve SHA",
  summary: "Lets the runs of one commit of a fork's (or Dependabot's) pull request start.",
  details: [
    "Code that no writer of this repository wrote is held until a writer has read it and approves exactly that commit, by all 40 digits of " +
      "its id. The check of a held run prints the command ready to paste. A push, another base branch or another fork needs a new approval.",
  ],
  flags: [],
  takesCommand: false,
  needsBase: false,
  heedsFile: true,
  permission: "write",

  parse({ words }) {
    const [typed, stray] = words;
    if (stray !== undefined) return { ok: false, message: `${echo(stray)} is one word too many.` };
    if (typed === undefined) return { ok: false, message: `The commit is missing. ${WHERE}` };
    if (WHOLE_SHA.test(typed)) return { ok: true, value: { sha: typed.toLowerCase() } };
    const what = PART_OF_SHA.test(typed) ? "is only a part of a commit's id" : "is not a commit's id";
    return { ok: false, message: `${echo(typed)} ${what}; an approval names all 40 hex digits. ${WHERE}` };
  },

  handle: (deps, context, { sha }) => approveCommit(deps, context, sha),
});

const WHERE =
  "The check of the held run prints the command ready to paste; in a clone of what you have read, `git rev-parse HEAD` prints the id.";
