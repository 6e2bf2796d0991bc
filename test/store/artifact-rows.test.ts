import { afterEach, beforeEach, expect, it } from "vitest";
import { newRun, openFixture, sql } from "./fixture.ts";

let fixture: Awaited<ReturnType<typeof openFixture>>;
beforeEach(async () => {
  fixture = await openFixture();
});
afterEach(() => fixture.end());

const UNBOUNDED = { repositoryMaxBytes: 1e15, maxBytes: 1e15 };
const MANY = `
  with recursive n(i) as (select 1 union all select i + 1 from n where i < ?)
  insert into artifact (run_id, attempt_id, repository_id, origin, name, sha256, size_bytes, created_at, expires_at)
  select ?, 'att', 11, 'tree', 'file ' || i, 'hash ' || i, 1, i, ? from n`;

it("a repository's files are bounded by number, too: the oldest go", async () => {
  const { run } = await fixture.store.runs.create(newRun());
  await sql(fixture.path, MANY, [20_001, run.id, fixture.clock.now() + 1_000]);
  const gone = new Set(await fixture.store.artifacts.evict(11, UNBOUNDED));
  expect(gone.size).toBe(1_001);
  for (let n = 1; n <= 1_001; n += 1) expect(gone).toContain(`hash ${n}`);
  expect(await fixture.store.artifacts.evict(11, UNBOUNDED)).toEqual([]);
});
