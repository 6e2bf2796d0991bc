import { expect, it } from "vitest";
import { createHydration } from "../../app/hydrate/hydration.ts";
import type { Repository } from "../../app/store/rows.ts";

const repository = { id: 11 } as Repository;
const WORKFLOW = {
  path: ".github/workflows/ci.yml",
  text: "jobs:\n  hydrate:\n    steps: [{ run: make }]\n",
};

function stage(faults: number) {
  let reads = 0;
  const plan = createHydration({
    async workflows() {
      reads += 1;
      if (reads <= faults) throw new Error("GitHub is away");
      return [WORKFLOW];
    },
  });
  return { plan: (baseSha: string) => plan({ baseSha }, repository), reads: () => reads };
}

it("reads a commit once, however many ask", async () => {
  const { plan, reads } = stage(0);
  await Promise.all([plan("a"), plan("a")]);
  expect(await plan("a")).toMatchObject({ kind: "plan" });
  expect(reads()).toBe(1);
  await plan("b");
  expect(reads()).toBe(2);
});

it("forgets a reading that failed, and the oldest of many", async () => {
  const { plan, reads } = stage(1);
  await expect(plan("a")).rejects.toThrow("away");
  await plan("a");
  for (let n = 0; n < 100; n += 1) await plan(`c${n}`);
  await plan("a");
  expect(reads()).toBe(103);
});
