import { afterAll, beforeAll, expect, test } from "vitest";
import { lookAtGitHub } from "../../app/doctor/github.ts";
import { openStage, type Stage } from "../servers/stage.ts";
import { until } from "../servers/until.ts";
import { doctorBeside, faults } from "./doctor-stage.ts";

let stage: Stage;
let doctor: ReturnType<typeof doctorBeside>;
beforeAll(async () => {
  stage = await openStage();
  doctor = doctorBeside(stage);
});
afterAll(() => stage.close());

test("a permission and an event that the App lacks, and one too many", async () => {
  const { control } = stage.github;
  await control.updateApp({
    permissions: { metadata: "read", contents: "write", pull_requests: "write", issues: "read" },
    events: ["issue_comment", "pull_request", "check_suite"],
  });
  const text = faults(await doctor.examine()).join("\n");
  expect(text).toMatch(/lacks permissions: .*checks: write.*-> Give them on http/u);
  expect(text).toMatch(/does not hear of: .*check_run.*-> Subscribe/u);
  expect(text).toMatch(/may do more than it needs: contents: write/u);
});

test("a suspended installation", async () => {
  const { control } = stage.github;
  const id = (await control.listInstallations({}))[0]?.id ?? 0;
  await control.suspendInstallation({ installationId: id, suspended: true });
  const found = await doctor.examine();
  await control.suspendInstallation({ installationId: id, suspended: false });
  expect(faults(found).join("\n")).toMatch(/installation on acme is suspended/u);
});

test("deliveries that are refused: the secret on GitHub is another one", async () => {
  const { control } = stage.github;
  await control.updateApp({ webhookSecret: "another-secret-than-the-servers" });
  await stage.comment("hello");
  await until(
    async () =>
      (await control.listDeliveries({ event: "issue_comment" })).some(({ statusCode }) => statusCode === 401),
    "a delivery to be refused",
  );
  const text = faults(await doctor.examine()).join("\n");
  expect(text).toMatch(/newest failed with status 401\. -> The signature did not fit/u);
});

test("a clock that is off is told with its direction", async () => {
  const at = { now: () => Date.parse("2026-01-01T00:00:00Z"), settings: { accounts: [], publicUrl: "" } };
  const self = {
    slug: "crab",
    name: "Crab",
    url: "https://github.com/apps/crab",
    permissions: {},
    events: [],
  };
  const found = await lookAtGitHub(
    {
      ...at,
      deliveries: { listSince: () => Promise.resolve([]) },
      app: {
        self: () => Promise.resolve({ ...self, aheadMs: 90_000 }),
        hook: () => Promise.reject(new Error("not asked")),
        installations: () => Promise.resolve([]),
      },
    },
    AbortSignal.timeout(10_000),
  );
  expect(found.find(({ area }) => area === "clock")).toMatchObject({
    level: "fail",
    what: "This machine's clock is 90 s behind GitHub's.",
  });
});
