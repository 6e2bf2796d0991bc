import { readFileSync } from "node:fs";
import type { Page } from "playwright-core";

const AXE = readFileSync(new URL(import.meta.resolve("axe-core/axe.min.js")), "utf8");

/** One rule of axe's that a page breaks, as far as it is read here. */
type Violation = {
  readonly id: string;
  readonly impact: string | null;
  readonly help: string;
  readonly nodes: readonly { readonly target: readonly unknown[]; readonly failureSummary?: string }[];
};

/**
 * What would keep somebody from reading or working a page: what axe finds serious or critical (WCAG A and AA and its best practices), and a
 * page wider than its window. Empty for a good one.
 */
export async function faultsOfAccess(page: Page): Promise<string[]> {
  await page.evaluate(AXE);
  const violations = await page.evaluate<readonly Violation[]>(
    `axe.run(document, { resultTypes: ["violations"] }).then(({ violations }) => violations)`,
  );
  const serious = violations.filter(({ impact }) => impact === "serious" || impact === "critical");
  const wide = await page.evaluate<number>(`document.documentElement.scrollWidth - innerWidth`);
  return [
    ...serious.flatMap(({ id, help, nodes }) =>
      nodes.map(
        ({ target, failureSummary = "" }) => `${id}: ${help} (${target.join(" ")}) ${failureSummary}`,
      ),
    ),
    ...(wide > 0 ? [`wider than the window by ${wide} px`] : []),
  ];
}
