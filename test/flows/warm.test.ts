import { afterAll, beforeAll, expect, test } from "vitest";
import { audit } from "../recovery/books.ts";
import { LOCAL } from "../recovery/scene.ts";
import { openStage, REPO, WRITER, type Stage } from "../servers/stage.ts";
import { until } from "../servers/until.ts";
import { checkNamed, reactionsOf } from "./looks.ts";

const USD_PER_HOUR = 36;

let stage: Stage;
beforeAll(async () => {
  stage = await openStage({
    settings: {
      providers: [{ ...LOCAL, price: { usdPerHour: USD_PER_HOUR, asOf: "2026-11-01" } }],
      limits: { ttl: "90m" },
      caps: { monthlyUsd: 60 },
    },
  });
});
afterAll(() => stage.close());

const answered = (part: RegExp) => until(async () => part.exec(await stage.sticky()), `the answer ${part}`);

const leases = () =>
  audit(
    stage.app.stateDir,
    "select id, slug, state, purpose, holder_kind, expires_at, created_at, idle_ms from lease order by created_at",
  );
const live = () => leases().filter(({ state }) => state !== "ended");
const reservedUsd = () =>
  Number(
    audit(
      stage.app.stateDir,
      "select sum(case kind when 'reserve' then micro_usd when 'release' then -micro_usd else 0 end) / 1e6 as usd from ledger",
    )[0]?.["usd"],
  );

async function says(body: string, reaction: "rocket" | "confused"): Promise<void> {
  const id = await stage.comment(body);
  await until(async () => (await reactionsOf(stage, id)).includes(reaction), `${reaction} for ${body}`);
}

/** Another pull request, with what is said there. */
async function otherPull() {
  const { control } = stage.github;
  await control.pushCommit({ repo: REPO, branch: "two", login: WRITER, parent: "main", files: { b: "2" } });
  const { number } = await control.openPull({
    repo: REPO,
    login: WRITER,
    title: "2",
    head: "two",
    base: "main",
  });
  const of = { repo: REPO, number };
  return {
    number,
    says: (body: string) => control.comment({ ...of, login: WRITER, body }),
    answered: (part: RegExp) =>
      until(
        async () => (await control.listComments(of)).some(({ body }) => part.test(body)),
        `the answer ${part}`,
      ),
  };
}

async function ready(): Promise<void> {
  await until(() => live().length === 1 && live()[0]?.["state"] === "active", "the warm box");
}

test("warmup makes a box that the next run uses, with the worst case reserved", async () => {
  await says("/crabbox warmup --idle 20m --ttl 1h", "rocket");
  const [, slug] = await answered(
    /The box `([a-z-]+)` \(`cbx_[0-9a-f]{12}`\) is being made: .* can cost \$36\.00 at most/u,
  );
  await ready();
  expect(reservedUsd()).toBe(USD_PER_HOUR);
  await until(async () => (await stage.sticky()).includes("20 min idle, or "), "the box in the comment");
  await says("/crabbox status", "rocket");
  await answered(new RegExp(`\\| \`${slug}\` \\(\`cbx_.*idle, ends in 59 min`, "u"));
  const check = await stage.run("/crabbox run -- echo on the warm box");
  expect(check.conclusion).toBe("success");
  expect(check.output.summary).toMatch(new RegExp(`${slug}.*, warm`, "u"));
  expect(live()).toHaveLength(1);
});

test("a second warmup says which box is warm already", async () => {
  const [lease] = live();
  await says("/crabbox warmup", "rocket");
  await answered(new RegExp(`The box \`${String(lease?.["slug"])}\` .* is already warm`, "u"));
  expect(live()).toHaveLength(1);
});

test("extend lets it live longer, reserved first; beyond the limit it is cut, then refused", async () => {
  const before = Number(live()[0]?.["expires_at"]);
  await says("/crabbox extend 10m", "rocket");
  await answered(/lives until .* now\. It can cost \$42\.00 at most in all/u);
  expect(Number(live()[0]?.["expires_at"])).toBe(before + 600_000);
  expect(reservedUsd()).toBe(42);
  await says(`/crabbox extend ${String(live()[0]?.["slug"])} 20h`, "rocket");
  await answered(/More this server does not allow: it ends every box after `1h30m`/u);
  expect(Number(live()[0]?.["expires_at"])).toBe(Number(live()[0]?.["created_at"]) + 5_400_000);
  const reserved = reservedUsd();
  await says("/crabbox extend 1h", "confused");
  await answered(/this server ends every box after `1h30m`/u);
  expect(reservedUsd()).toBe(reserved);
});

test("another pull request's box is no business of this one, and over the cap nothing is made", async () => {
  const { control } = stage.github;
  const theirs = String(live()[0]?.["slug"]);
  const before = live();
  const own = await otherPull();
  await own.says("/crabbox warmup --ttl 1h");
  await own.answered(
    /cross a cost cap\. This month: .* spent, \$54\.\d\d reserved, cap \$60\.00; this box could cost up to \$36\.00/u,
  );
  await own.says(`/crabbox extend ${theirs} 1h`);
  await own.answered(new RegExp(`This pull request has no live box \`${theirs}\``, "u"));
  await own.says(`/crabbox keep`);
  await own.answered(/This pull request has no box/u);
  expect(live()).toEqual(before);
  await control.closePull({ repo: REPO, number: own.number, login: WRITER });
});

test("keep extends where the life would end before; a box that has ended says so", async () => {
  await says("/crabbox stop", "rocket");
  await until(() => live().length === 0, "the box to go");
  await says("/crabbox warmup --ttl 30m --idle 5m", "rocket");
  await ready();
  await says("/crabbox keep 1h", "rocket");
  await answered(/waits `1h` for the next run, from now on, .* It can cost \$3\d\.\d\d at most in all/u);
  expect(Number(live()[0]?.["expires_at"])).toBeGreaterThan(Date.now() + 3_400_000);
  const id = String(live()[0]?.["id"]);
  await says(`/crabbox stop ${id}`, "rocket");
  await says(`/crabbox extend ${id} 1h`, "confused");
  await answered(/has ended \(stopped\)\. `\/crabbox warmup` makes another one/u);
});

test("words that make no sense are answered with the usage", async () => {
  for (const body of ["extend", "extend soon", "keep a b c", "warmup now", "warmup --idle 0s", "keep 0s"])
    await says(`/crabbox ${body}`, "confused");
  await answered(/--idle` must be longer than `0s`|needed, not `0s`/u);
  expect(live()).toEqual([]);
});

test("a run at work keeps its time limit when its box is extended", async () => {
  await stage.comment("/crabbox run --timeout 20m --ttl 30m -- sleep 312");
  await checkNamed(stage, "sleep 312", "in_progress");
  const deadline = () =>
    audit(stage.app.stateDir, "select task from attempt where task like '%sleep 312%'")[0] ?? null;
  const before = await until(deadline, "the task to be made");
  await says("/crabbox extend 30m", "rocket");
  expect(deadline()).toEqual(before);
  await says("/crabbox cancel", "rocket");
  await checkNamed(stage, "sleep 312", "completed");
  await says("/crabbox stop", "rocket");
});
