import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { cachePlaces, writtenPlace } from "../../app/caches/places.ts";
import { cacheRoom, contentOf, repositoryOf, runOf } from "./room.ts";

let room: Awaited<ReturnType<typeof cacheRoom>>;
beforeEach(async () => {
  room = await cacheRoom();
});
afterEach(() => room.end());

const main = runOf({ pullRequest: null });
const release = runOf({ pullRequest: null, baseRef: "release" });
const own = runOf({ pullRequest: 7, baseRef: "release" });
const other = runOf({ pullRequest: 8, baseRef: "release" });
const fork = runOf({ pullRequest: 9, baseRef: "release", trustDomain: "11:fork:9" });
const otherFork = runOf({ pullRequest: 10, trustDomain: "11:fork:10" });
/** A branch of the repository's own after all, or a push by somebody else to Dependabot's: the same ref, another trust. */
const trustedAgain = runOf({ pullRequest: 9, baseRef: "release" });
const elsewhere = runOf({ repositoryId: 12, trustDomain: "12:trusted" });

describe("who is offered what", () => {
  const runs = { main, release, own, other, fork, otherFork, elsewhere };
  beforeEach(async () => {
    for (const [name, run] of Object.entries(runs)) expect(await room.save(run, name, name)).toBe("kept");
  });

  it.each([
    { who: "the default branch's run", run: main, offered: [["refs/heads/main", ["main"]]] },
    {
      who: "another branch's run",
      run: release,
      offered: [
        ["refs/heads/release", ["release"]],
        ["refs/heads/main", ["main"]],
      ],
    },
    {
      who: "a pull request's run: own ref, base, default branch",
      run: own,
      offered: [
        ["refs/pull/7/merge", ["own"]],
        ["refs/heads/release", ["release"]],
        ["refs/heads/main", ["main"]],
      ],
    },
    {
      who: "a fork's run: its own, and what the base may read",
      run: fork,
      offered: [
        ["refs/pull/9/merge", ["fork"]],
        ["refs/heads/release", ["release"]],
        ["refs/heads/main", ["main"]],
      ],
    },
    {
      who: "a trusted run of the ref that a fork's run wrote to: nothing of it",
      run: trustedAgain,
      offered: [
        ["refs/pull/9/merge", []],
        ["refs/heads/release", ["release"]],
        ["refs/heads/main", ["main"]],
      ],
    },
    {
      who: "another fork's run of the same number elsewhere",
      run: runOf({ ...fork, repositoryId: 13 }),
      offered: [
        ["refs/pull/9/merge", []],
        ["refs/heads/release", []],
        ["refs/heads/main", []],
      ],
    },
    {
      who: "another repository's run",
      run: elsewhere,
      offered: [
        ["refs/pull/7/merge", ["elsewhere"]],
        ["refs/heads/main", []],
      ],
    },
  ])("$who", async ({ run, offered }) => {
    expect(await room.offered(run)).toEqual(offered);
  });

  it("what a run writes follows from it alone, with and without the repository's row", async () => {
    for (const run of [main, release, own, fork, trustedAgain, elsewhere]) {
      const { scopes } = await room.caches.offer(run, repositoryOf(run.repositoryId));
      expect(writtenPlace(run).ref).toBe(scopes[0]?.ref);
      expect(await room.save(run, "again", "again")).toBe("kept");
      expect(
        await room.store.cacheEntries.hashOf({ place: writtenPlace(run), key: "again", version: "v" }),
      ).toBe(contentOf("again").sha256);
    }
    expect(writtenPlace(fork).domain).toBe("fork:9");
  });
});

it("what the head's own steps save is offered to no run of the base's steps, nor the other way round", () => {
  const head = runOf({ pullRequest: 7, baseRef: "release", trustDomain: "11:trusted:head" });
  const { write, read } = cachePlaces(head, repositoryOf(head.repositoryId));
  expect(write).toEqual({ ...writtenPlace(own), domain: "head" });
  expect(writtenPlace(head)).toEqual(write);
  expect(read.map(({ domain, ref }) => [domain, ref])).toEqual([
    ["head", "refs/pull/7/merge"],
    ["trusted", "refs/heads/release"],
    ["trusted", "refs/heads/main"],
  ]);
});
