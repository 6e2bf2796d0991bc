import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { CheckRunView } from "../../demo/github/control/contract.ts";
import { openStage, READER, WRITER, type Stage } from "../servers/stage.ts";
import { until } from "../servers/until.ts";
import { checkNamed } from "./looks.ts";

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterAll(() => stage.close());

const buttons = (check: CheckRunView) => check.actions.map(({ identifier }) => identifier);

async function press(check: CheckRunView, identifier: string, login = WRITER): Promise<void> {
  await stage.github.control.pressButton({ checkRunId: check.id, login, identifier });
}

async function named(part: string): Promise<readonly CheckRunView[]> {
  return (await stage.checks()).filter(({ name }) => name.includes(part));
}

/** The webhook of the newest press, to be sent again with changes. */
async function lastPress(): Promise<{ readonly guid: string; readonly payload: Record<string, unknown> }> {
  const { control } = stage.github;
  const all = await control.listDeliveries({ event: "check_run", action: "requested_action" });
  const last = all.at(-1);
  if (last === undefined) throw new Error("nobody pressed");
  return { guid: last.guid, payload: await control.deliveryPayload({ deliveryId: last.id }) };
}

/** Waits until everything that was sent before has been handled. */
async function handled(): Promise<void> {
  await stage.github.control.waitIdle({});
  await stage.run(`/crabbox run -- echo ${randomUUID()}`);
}

const answered = (part: string) =>
  until(async () => (await stage.sticky()).includes(part), `the answer "${part}"`);

test("a run at work can be cancelled by its button, by two people at once", async () => {
  await stage.comment("/crabbox run -- sleep 310");
  const running = await checkNamed(stage, "sleep 310", "in_progress");
  expect(buttons(running)).toEqual(["cancel"]);
  await Promise.all([press(running, "cancel"), press(running, "cancel")]);
  const check = await checkNamed(stage, "sleep 310", "completed");
  expect(check.conclusion).toBe("cancelled");
  expect(check.output.summary).toContain(`Cancelled by ${WRITER}`);
  expect(buttons(check)).toContain("retry");
  expect(buttons(check)).not.toContain("cancel");
});

test("retry by two tabs, and by the same delivery again, is one run", async () => {
  const first = await stage.run("/crabbox run -- echo by button");
  expect(buttons(first)).toEqual(["retry", "keep"]);
  await Promise.all([press(first, "retry"), press(first, "retry")]);
  await until(async () => (await named("by button")).length === 2, "the second check run");
  const { guid } = await lastPress();
  await stage.github.control.redeliver({ guid });
  await answered("is repeated by run");
  await handled();
  const all = await named("by button");
  expect(all).toHaveLength(2);
  expect(all[1]).toMatchObject({ status: "completed", conclusion: "success", headSha: stage.headSha });
  expect(all[1]?.output.summary).toContain(`a retry of \`${first.externalId}\``);
  expect(all[1]?.output.summary).toContain("by a button of a check");
});

test("keep holds the warm box; when it was given back, the button says so", async () => {
  const check = await stage.run("/crabbox run -- echo keep me");
  const button = check.actions.find(({ identifier }) => identifier === "keep");
  expect(button?.label).toBe("Keep box 30 min");
  await press(check, "keep");
  await answered("waits `30m` for the next run, from now on");
  await until(async () => (await stage.sticky()).includes("30 min idle, or "), "the box in the comment");
  await stage.comment("/crabbox stop");
  await answered("Stopped `");
  await until(async () => {
    const now = (await named("keep me"))[0];
    return now !== undefined && !buttons(now).includes("keep") ? now : null;
  }, "the button to go").then((now) =>
    expect(now).toMatchObject({
      status: "completed",
      conclusion: "success",
      output: check.output,
      actions: [{ identifier: "retry" }],
    }),
  );
  await press(check, "keep");
  await answered("has ended (stopped)");
});

test("a reader's press does nothing, and everybody sees why", async () => {
  await stage.comment("/crabbox run -- sleep 311");
  const running = await checkNamed(stage, "sleep 311", "in_progress");
  await press(running, "cancel", READER);
  await answered("The buttons need write access to this repository; you have `read`.");
  expect((await checkNamed(stage, "sleep 311", "in_progress")).id).toBe(running.id);
  await press(running, "cancel");
  expect((await checkNamed(stage, "sleep 311", "completed")).conclusion).toBe("cancelled");
});

test("without a pull request in the payload, as for a fork's, a press works by the run", async () => {
  const first = await stage.run("/crabbox run -- echo no pull");
  await press(first, "keep");
  await stage.github.control.waitIdle({});
  const { payload } = await lastPress();
  const check = { ...(payload["check_run"] as object), pull_requests: [] };
  const delivery = { ...payload, check_run: check, requested_action: { identifier: "retry" } };
  await stage.github.control.sendDeliveries({ deliveries: [{ event: "check_run", payload: delivery }] });
  await until(async () => (await named("no pull")).length === 2, "the second check run");
});

test("a check of another App, of no run, an unknown or endless button start nothing", async () => {
  const first = await stage.run("/crabbox run -- echo not ours");
  await press(first, "keep");
  await stage.github.control.waitIdle({});
  const { payload } = await lastPress();
  const ours = payload["check_run"] as { readonly app: object };
  const foreign = { ...ours, app: { ...ours.app, id: 999_999 } };
  const send = (check: object, identifier: string) => ({
    event: "check_run",
    payload: { ...payload, check_run: check, requested_action: { identifier } },
  });
  await stage.github.control.sendDeliveries({
    deliveries: [
      send(foreign, "retry"),
      send({ ...ours, external_id: "run_000000000000" }, "retry"),
      send({ ...ours, external_id: "../../etc/passwd" }, "retry"),
      send(ours, "destroy"),
      send(ours, "x".repeat(300)),
    ],
  });
  await answered("The button `destroy` does nothing");
  await handled();
  expect(await named("not ours")).toHaveLength(1);
});
