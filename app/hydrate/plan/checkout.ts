import type { PlanAction, PlanStep } from "../../../runner-bootstrap/boxd/steps/plan.ts";

/** Inputs that make checkout fetch something else than what the sync brought, or more. */
const ASKS_FOR_MORE: ReadonlySet<string> = new Set(["repository", "ref", "path", "submodules", "lfs"]);

/** Values that say again what is asked for anyway. */
const SAYS_NOTHING = /^(?:|false|\.|\.\/|\$\{\{\s*github\.(?:sha|repository)\s*\}\})$/u;

/** True for a checkout of the very commit the workspace holds: the sync has answered it, whatever its code is. */
export function isAnsweredCheckout(step: Pick<PlanStep & { kind: "uses" }, "uses" | "with">): boolean {
  if (!/^actions\/checkout@./iu.test(step.uses)) return false;
  return Object.entries(step.with).every(
    ([name, value]) => !ASKS_FOR_MORE.has(name.toLowerCase()) || SAYS_NOTHING.test(value.trim()),
  );
}

/** Checkout whose code cannot be had (or is a plugin of GitHub's runner): enough to answer it, not to run it. */
export function codelessCheckout(uses: string): PlanAction {
  return {
    name: "actions/checkout",
    ref: uses.slice(uses.indexOf("@") + 1),
    source: { kind: "archive", archive: "actions+checkout", path: "" },
    definition: {
      name: "Checkout",
      inputs: {},
      outputs: { ref: {}, commit: {} },
      runs: { using: "node24", main: "dist/index.js" },
    },
  };
}
