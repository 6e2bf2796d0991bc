import { afterEach, beforeEach, expect, test } from "vitest";
import { AppError } from "../../app/errors.ts";
import type { Comments } from "../../app/github/comments.ts";
import { createOutside } from "../../app/github/outside.ts";
import { createRenderer } from "../../app/render.ts";
import { postSticky } from "../../app/runs/post-sticky.ts";
import { newRun, openFixture, type Fixture } from "../store/fixture.ts";

const PULL = 7;
const gone = () => new AppError("github_gone", "It is gone.", "Nothing to do.");

let fixture: Fixture;
beforeEach(async () => {
  fixture = await openFixture();
});
afterEach(() => fixture.end());

/** A pull request's comments that people may delete, in a repository that may be hidden from us. */
function stage() {
  const comments = new Map<number, string>();
  const world = { made: 0, isHidden: false };
  const comment = (id: number, body: string) => ({ id, htmlUrl: "", body, appId: 1 });
  const github: Comments = {
    async findOurs() {
      if (world.isHidden) throw gone();
      const [first] = comments;
      return first === undefined ? null : comment(...first);
    },
    async create(_where, _number, body) {
      world.made += 1;
      comments.set(world.made, body);
      return { kind: "written", value: comment(world.made, body) };
    },
    async update(_where, id, body) {
      if (world.isHidden || !comments.has(id)) throw gone();
      comments.set(id, body);
      return { kind: "written", value: comment(id, body) };
    },
  };
  const { store, clock } = fixture;
  const deps = {
    store,
    clock,
    comments: github,
    render: createRenderer(),
    outside: createOutside({ outside: store.outside, clock }),
    where: async () => ({ installationId: 101, owner: "owner-1", name: "repo" }),
    logUrl: () => "http://127.0.0.1/logs/x",
    webUrl: "https://github.com",
  };
  const post = () => postSticky(deps, 11, PULL, AbortSignal.timeout(60_000));
  const news = (n: number) => store.runs.create(newRun({ sourceKey: `g:${n}`, pullRequest: PULL }));
  return { comments, world, post, news };
}

test("a comment that somebody deleted is made anew at the next news, once", async () => {
  const { comments, world, post, news } = stage();
  await news(1);
  await post();
  await post();
  expect([...comments.keys()]).toEqual([1]);
  comments.clear();
  await news(2);
  await post();
  expect([...comments.keys()]).toEqual([2]);
  await news(3);
  await post();
  expect([...comments.keys()]).toEqual([2]);
  expect(world.made).toBe(2);
});

test("a repository that is hidden for a while keeps its one comment", async () => {
  const { comments, world, post, news } = stage();
  await news(1);
  await post();
  world.isHidden = true;
  await news(2);
  await post();
  world.isHidden = false;
  await news(3);
  await post();
  expect([...comments.keys()]).toEqual([1]);
});

test("who deletes it again and again is left alone at last", async () => {
  const { comments, world, post, news } = stage();
  for (let n = 1; n <= 15; n += 1) {
    await news(n);
    await post();
    comments.clear();
  }
  expect(world.made).toBe(10);
});
