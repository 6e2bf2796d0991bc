import { expect, it } from "vitest";
import { runContext } from "../../app/hydrate/run-context.ts";
import type { HydrationRun } from "../../app/hydrate/hydrate-plan.ts";
import type { Repository } from "../../app/store/rows.ts";

const repository = { id: 11, accountId: 7, owner: "acme", name: "shop", defaultBranch: "main" } as Repository;
const run: HydrationRun = {
  id: "run_1",
  actor: "wanda",
  baseRef: "main",
  baseSha: "b".repeat(40),
  checkoutSha: "a".repeat(40),
  headRef: "change",
  headSha: "a".repeat(40),
  options: {},
  pullRequest: 3,
  trustDomain: "11:trusted",
};

/** actions/toolkit, packages/artifact/src/internal/shared/config.ts and packages/cache/src/internal/config.ts: `isGhes`. */
function isEnterpriseServer(url: string): boolean {
  const host = new URL(url).hostname.trimEnd().toUpperCase();
  return host !== "GITHUB.COM" && !host.endsWith(".GHE.COM") && !host.endsWith(".LOCALHOST");
}

it.each([
  ["https://github.com", "https://github.com", false],
  ["https://acme.ghe.com", "https://acme.ghe.com", false],
  ["https://git.example", "https://git.example", true],
  ["http://127.0.0.1:8080", "http://github.localhost:8080", false],
  ["http://localhost:8080/x", "http://github.localhost:8080/x", false],
  ["https://127.0.0.10", "https://127.0.0.10", true],
  ["https://localhost.example", "https://localhost.example", true],
])("%s is what actions take for GitHub or Enterprise Server", (webUrl, told, isGhes) => {
  const github = { webUrl, apiUrl: "https://git.example/api/v3" };
  const context = runContext(run, repository, { name: "CI", path: ".github/workflows/ci.yml" }, github);
  expect(context["server_url"]).toBe(told);
  expect(isEnterpriseServer(told)).toBe(isGhes);
});
