import { describe, expect, it } from "vitest";
import type { Grants } from "../../runner-bootstrap/boxd/given.ts";
import type { JobPlan } from "../../runner-bootstrap/boxd/steps/plan.ts";
import { createStepToken, stepsGet } from "../../app/runs/step-token.ts";
import { createStepSecrets } from "../../app/hydrate/secrets.ts";
import type { Attempt, Repository, Run } from "../../app/store/rows.ts";
import { planOf } from "../hydrate/engine/plans.ts";

const repository = { id: 11, owner: "acme", name: "shop", defaultBranch: "main" } as Repository;
const plan = { plan: {}, archives: [], fingerprint: "f" } as never;
const mapped = {
  id: 11,
  repository: "acme/shop",
  bases: [],
  vars: {},
  secrets: new Map([
    ["A", "value-a"],
    ["B", "value-b"],
  ]),
};

const serving = (env: Readonly<Record<string, string>>) =>
  planOf([], { services: { db: { image: "postgres", env, ports: [], volumes: [] } } });

function ask(
  task: { readonly hydrate?: never; readonly services?: JobPlan; readonly grants?: Grants },
  change: Partial<Run> = {},
  { earlier = [], isSent = false }: { earlier?: readonly Grants[]; isSent?: boolean } = {},
) {
  const minted: (readonly string[])[] = [];
  const run = { baseRef: "main", trustDomain: "11:trusted", options: {}, ...change } as Run;
  const deps = {
    store: {
      attempts: {
        ofLease: async () => earlier.map((grants) => ({ task: { grants } }) as unknown as Attempt),
      },
    } as never,
    stepSecrets: createStepSecrets([mapped], Buffer.alloc(32)),
    stepToken: async (_repository: Repository, parts: readonly string[]) => {
      minted.push(parts);
      return "ghs_step";
    },
  };
  const got = stepsGet(deps, { run, repository, task, lease: { id: "cbx_1" }, isSent });
  return got.then((value) => ({ ...value, minted }));
}

const grants: Grants = { secrets: ["A"], token: ["contents"] };

describe("what a task's steps get", () => {
  it("are the values of what it was granted, and one token that reads", async () => {
    expect(await ask({ hydrate: plan, grants })).toEqual({
      given: { secrets: { A: "value-a" }, token: "ghs_step" },
      masks: [],
      minted: [["contents"]],
    });
  });

  it("are, for services that are started again on a prepared box, those that these name; the others are masked", async () => {
    const both: Grants = { secrets: ["A", "B"], token: ["contents"] };
    const again = await ask({ services: serving({ P: "${{ secrets.B }}" }), grants: both });
    expect(again).toEqual({ given: { secrets: { B: "value-b" } }, masks: ["value-a"], minted: [] });
    const named = await ask({ services: serving({ T: "${{ github.token }}" }), grants: both });
    expect(named.given).toEqual({ secrets: {}, token: "ghs_step" });
    const nothing = await ask({ services: serving({}), grants: both });
    expect(nothing).toEqual({ given: null, masks: ["value-a", "value-b"], minted: [] });
  });

  it("is nothing for a set-up that the box has had, or has got: only masks", async () => {
    const nothing = { given: null, masks: ["value-a"], minted: [] };
    expect(await ask({ grants })).toEqual(nothing);
    expect(await ask({ hydrate: plan, grants }, {}, { isSent: true })).toEqual(nothing);
  });

  it("is nothing for forks, and no secret for the head's steps, whatever the stored task says", async () => {
    const fork = await ask({ hydrate: plan, grants }, { trustDomain: "11:fork:3" });
    expect(fork).toEqual({ given: null, masks: [], minted: [] });
    const head = await ask(
      { hydrate: plan, grants },
      { trustDomain: "11:trusted:head", options: { stepsFrom: "head" } as Run["options"] },
    );
    expect(head.given).toEqual({ secrets: {}, token: "ghs_step" });
  });

  it("has masks for what earlier set-ups of this box had", async () => {
    const earlier = [{ secrets: ["B"], token: null }];
    expect(await ask({}, { baseRef: "wip" }, { earlier })).toMatchObject({ given: null, masks: ["value-b"] });
  });
});

it("the token is made worthless once, and nothing but masks is sent after that", () => {
  const revoked: string[] = [];
  const given = { secrets: {}, token: "ghs_step" };
  const token = createStepToken({ given, masks: ["m"] }, (one) => revoked.push(one));
  expect(token.parts()).toEqual({ secrets: ["m"], given });
  token.done();
  token.done();
  expect(revoked).toEqual(["ghs_step"]);
  expect(token.parts()).toEqual({ secrets: ["m"] });
  expect(createStepToken({}, () => undefined).parts()).toEqual({ secrets: [] });
});
