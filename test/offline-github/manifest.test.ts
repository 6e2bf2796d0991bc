import { afterAll, beforeAll, expect, test } from "vitest";
import { createWalker } from "./browserless.ts";
import type { Seen } from "./browserless.ts";
import { openReceiver } from "./receiver.ts";
import type { Receiver } from "./receiver.ts";
import { openStage } from "./stage.ts";
import type { Stage } from "./stage.ts";

let stage: Stage;
let receiver: Receiver;

beforeAll(async () => {
  stage = await openStage();
  receiver = await openReceiver("unknown yet");
  await stage.github.control.createAccount({ login: "fresh", type: "Organization", owners: ["olga"] });
});

afterAll(async () => {
  const violations = await stage.github.control.listViolations({});
  await receiver.stop();
  await stage.stop();
  expect(violations).toEqual([]);
});

const manifestOf = (fields: object): Record<string, string> => ({
  manifest: JSON.stringify({
    name: "Made Here",
    url: "https://example.com",
    redirect_url: "http://127.0.0.1:9/back",
    callback_urls: ["http://127.0.0.1:9/auth/callback"],
    setup_url: "http://127.0.0.1:9/installed",
    hook_attributes: { url: receiver.url },
    public: false,
    default_permissions: { checks: "write" },
    default_events: ["check_run"],
    ...fields,
  }),
});

const post = async (path: string, fields: object): Promise<{ status: number; draft: string }> => {
  const body = new URLSearchParams(manifestOf(fields));
  const response = await fetch(`${stage.github.url}${path}`, { method: "POST", body, redirect: "manual" });
  return { status: response.status, draft: response.headers.get("location") ?? "" };
};

test("from the manifest to an installed App: shown, agreed, exchanged once, installed, led back", async () => {
  const { github, octokit } = stage;
  const walker = createWalker(github.url);
  const { draft } = await post("/organizations/fresh/settings/apps/new?state=s1", {});
  await walker.get(draft);
  const shown = await walker.press("olga");
  expect(shown.text).toContain("checks: write");
  const back = new URL((await walker.press("Create GitHub App for fresh")).url);
  expect(back.searchParams.get("state")).toBe("s1");
  const code = back.searchParams.get("code") ?? "";
  const { data } = await octokit.rest.apps.createFromManifest({ code });
  expect(data).toMatchObject({
    slug: "made-here",
    owner: { login: "fresh" },
    events: ["check_run"],
    permissions: { metadata: "read", checks: "write" },
  });
  expect(data.pem).toContain("PRIVATE KEY");
  expect([data.client_id, data.client_secret, data.webhook_secret].every((text) => text !== "")).toBe(true);
  await expect(octokit.rest.apps.createFromManifest({ code })).rejects.toMatchObject({ status: 404 });
  expect((await walker.get(draft)).status).toBe(404);

  await walker.get("/apps/made-here/installations/new?state=s2");
  const done = new URL((await walker.press("Install on fresh")).url);
  expect(done.origin + done.pathname).toBe("http://127.0.0.1:9/installed");
  expect(Object.fromEntries(done.searchParams)).toMatchObject({ setup_action: "install", state: "s2" });
  const told = await receiver.waitFor((row) => row.event === "installation");
  expect(told.payload).toMatchObject({
    action: "created",
    installation: { id: Number(done.searchParams.get("installation_id")), account: { login: "fresh" } },
    sender: { login: "olga" },
  });
});

test("only an owner creates and installs for an organisation", async () => {
  const { github } = stage;
  const walker = createWalker(github.url);
  const { draft } = await post("/organizations/fresh/settings/apps/new", { name: "Not Mine" });
  await walker.get(draft);
  expect(await walker.press("rita")).toMatchObject({ status: 403 });
  const refused: Seen = await walker.get(`/apps/${github.appSlug}/installations/new`);
  expect(refused.status).toBe(403);
});

test("a manifest that cannot become an App is refused with the reason", async () => {
  const cases: [object, string][] = [
    [{ url: "nothing" }, "url is not"],
    [{ redirect_url: "javascript:alert(1)" }, "redirect_url is not"],
    [{ callback_urls: Array.from({ length: 11 }, () => "http://127.0.0.1/") }, "callback_urls are not"],
    [{ default_permissions: { checks: "everything" } }, "default_permissions are not"],
  ];
  for (const [fields, words] of cases) {
    const body = new URLSearchParams(manifestOf(fields));
    const response = await fetch(`${stage.github.url}/settings/apps/new`, { method: "POST", body });
    expect(response.status).toBe(422);
    expect(await response.text()).toContain(words);
  }
  const walker = createWalker(stage.github.url);
  await walker.get((await post("/settings/apps/new", { name: "Crabbox" })).draft);
  await walker.press("rita");
  expect(await walker.press("Create GitHub App for rita")).toMatchObject({ status: 422 });
});
