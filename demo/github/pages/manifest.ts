import { slugOf } from "../acts/apps.ts";
import { parseManifest, wrongName } from "../manifests.ts";
import type { Draft, Manifest } from "../manifests.ts";
import type { Account } from "../model.ts";
import type { World } from "../world.ts";
import { hidden, notice } from "./layout.ts";
import { html } from "./markup.ts";
import type { Html } from "./markup.ts";
import { ownsAccount } from "./owners.ts";
import { page, redirect } from "./route.ts";
import type { PageCall, PageReply, PageRoute } from "./route.ts";
import { signInPage } from "./sign-in.ts";

const DRAFT = "/settings/apps/manifests/{draft}";

/** Making an App from a manifest: the App's own form leads here, a person looks at it and agrees. */
export const manifestRoutes: readonly PageRoute[] = [
  page("GET", "/settings/apps/new", nothingThere),
  page("GET", "/organizations/{org}/settings/apps/new", nothingThere),
  page("POST", "/settings/apps/new", keep, { fromAnywhere: true }),
  page("POST", "/organizations/{org}/settings/apps/new", keep, { fromAnywhere: true }),
  page("GET", DRAFT, (call) => {
    const draft = call.world.manifests.get(call.params["draft"] ?? "");
    if (draft === null) return expired();
    if (call.viewer === null)
      return signInPage(call, call.url.pathname, `to create the App ${draft.manifest.name}.`);
    return confirmPage(call, draft, call.viewer, "");
  }),
  page("POST", DRAFT, (call) => {
    const { world, viewer, form, params } = call;
    const id = params["draft"] ?? "";
    const draft = world.manifests.get(id);
    if (draft === null) return expired();
    if (viewer === null) return redirect(call.url.pathname);
    const owner = ownerOf(world, draft, viewer);
    if (owner === null) return confirmPage(call, draft, viewer, "");
    const name = form.get("name") ?? "";
    const wrong = wrongName(name) ?? (isTaken(world, name) ? "This name is already taken." : null);
    if (wrong !== null) return confirmPage(call, draft, viewer, wrong);
    const back = new URL(draft.manifest.redirectUrl);
    back.searchParams.set("code", world.manifests.agree(id, name, owner.login) ?? "");
    if (draft.state !== null) back.searchParams.set("state", draft.state);
    return redirect(back.href);
  }),
];

function keep({ world, url, form, params }: PageCall): PageReply {
  const manifest = parseManifest(form.get("manifest") ?? "");
  if (typeof manifest === "string") return refused("This manifest cannot become an App.", manifest, 422);
  const ownerLogin = params["org"] ?? null;
  const id = world.manifests.draft({ manifest, ownerLogin, state: url.searchParams.get("state") });
  return redirect(`/settings/apps/manifests/${id}`);
}

function confirmPage(call: PageCall, draft: Draft, viewer: Account, wrong: string): PageReply {
  const owner = ownerOf(call.world, draft, viewer);
  if (owner === null)
    return refused(
      `${viewer.login} may not create Apps for ${draft.ownerLogin}.`,
      "Switch to an owner of it.",
      403,
    );
  const { manifest } = draft;
  const body = html`<div class="card narrow">
    <h1>Create GitHub App for ${owner.login}</h1>
    <form method="post" action="${call.url.pathname}">
      ${hidden("csrf", call.csrf)}
      <label for="name">GitHub App name</label>
      <input
        id="name"
        name="name"
        value="${call.form.get("name") ?? manifest.name}"
        maxlength="34"
        required
        aria-describedby="wrong"
      />
      <p id="wrong" class="wrong" role="alert">${wrong}</p>
      <button class="primary">Create GitHub App for ${owner.login}</button>
    </form>
    ${facts(manifest)}
  </div>`;
  return { kind: "page", title: "Create GitHub App", body, leaves: true, status: wrong === "" ? 200 : 422 };
}

function facts(manifest: Manifest): Html {
  const rows: [string, string][] = [
    ["Homepage", manifest.url],
    ["Webhooks go to", manifest.webhookUrl ?? "nowhere"],
    ["Log-in returns to", manifest.callbackUrls.join(", ") || "nowhere"],
    ["After installing", manifest.setupUrl ?? "stays here"],
    ["Who may install it", manifest.isPublic ? "any account" : "only this account"],
    [
      "Permissions",
      Object.entries(manifest.permissions)
        .map((pair) => pair.join(": "))
        .join(", ") || "none",
    ],
    ["Events", manifest.events.join(", ") || "none"],
  ];
  return html`<h2>What the App asks for</h2>
    <dl>
      ${rows.map(
        ([name, value]) =>
          html`<div>
            <dt>${name}</dt>
            <dd>${value}</dd>
          </div>`,
      )}
    </dl>`;
}

function ownerOf(world: World, draft: Draft, viewer: Account): Account | null {
  if (draft.ownerLogin === null) return viewer;
  const org = world.tables.accountsByLogin(draft.ownerLogin.toLowerCase())[0];
  return org !== undefined && ownsAccount(world, org, viewer) ? org : null;
}

function isTaken(world: World, name: string): boolean {
  return [...world.tables.apps.all()].some((app) => app.slug === slugOf(name));
}

function nothingThere(): PageReply {
  const hint = "The offline GitHub makes Apps from a manifest only: begin in the App's own set-up.";
  return { kind: "page", title: "New GitHub App", body: notice("New GitHub App", hint) };
}

function expired(): PageReply {
  return refused(
    "This manifest is gone.",
    "It was used, or is older than an hour: begin again in the App.",
    404,
  );
}

function refused(title: string, hint: string, status: number): PageReply {
  return { kind: "page", title, body: notice(title, hint), status };
}
