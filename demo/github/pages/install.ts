import { install } from "../acts/accounts.ts";
import type { Account, App, Repository } from "../model.ts";
import type { World } from "../world.ts";
import { hidden, notice } from "./layout.ts";
import { html } from "./markup.ts";
import type { Html } from "./markup.ts";
import { ownedAccounts, ownsAccount } from "./owners.ts";
import { page, redirect } from "./route.ts";
import type { PageCall, PageReply, PageRoute } from "./route.ts";
import { signInPage } from "./sign-in.ts";

const INSTALL = "/apps/{slug}/installations/new";

/** An App's own page, and installing it on an account. */
export const installRoutes: readonly PageRoute[] = [
  page("GET", "/apps/{slug}", (call) => {
    const app = appOf(call);
    if (app === null) return null;
    const body = html`<div class="card narrow">
      <h1>${app.name}</h1>
      <p class="muted">A GitHub App.</p>
      <p><a class="button primary" href="/apps/${app.slug}/installations/new">Install</a></p>
    </div>`;
    return { kind: "page", title: app.name, body };
  }),
  page("GET", INSTALL, (call) => {
    const app = appOf(call);
    if (app === null) return null;
    if (call.viewer === null)
      return signInPage(call, call.url.pathname + call.url.search, `to install ${app.name}.`);
    return choosePage(call, app, accountsFor(call.world, app, call.viewer));
  }),
  page("POST", INSTALL, (call) => {
    const { world, viewer, form } = call;
    const app = appOf(call);
    if (app === null) return null;
    if (viewer === null) return redirect(call.url.pathname + call.url.search);
    const account = accountsFor(world, app, viewer).find((row) => String(row.id) === form.get("account"));
    if (account === undefined) return nowhere(app);
    const known = world.tables.installationsByAccount(account.id).find((row) => row.appId === app.id);
    const ids = form.get("all") === "1" ? null : form.getAll("repository").map(Number);
    const granted = new Set(world.tables.repositoriesByOwner(account.id).map((row) => row.id));
    if (ids !== null && (ids.length === 0 || ids.some((id) => !granted.has(id))))
      return choosePage(call, app, [account], "Choose at least one repository.");
    const { id } = known ?? install(world, app, account, ids, app.permissions, viewer);
    return redirect(afterwards(call, app, id, known === undefined ? "install" : "update"));
  }),
  page("GET", "/settings/installations/{id}", installationPage),
  page("GET", "/organizations/{org}/settings/installations/{id}", installationPage),
];

function choosePage(call: PageCall, app: App, accounts: readonly Account[], wrong = ""): PageReply {
  if (accounts.length === 0) return nowhere(app);
  const body = html`<div class="card narrow">
    <h1>Install ${app.name}</h1>
    <p class="wrong" role="alert">${wrong}</p>
    ${accounts.map((account) => accountForm(call, app, account))}
  </div>`;
  return { kind: "page", title: `Install ${app.name}`, body, leaves: true, status: wrong === "" ? 200 : 422 };
}

function accountForm(call: PageCall, app: App, account: Account): Html {
  const repositories = call.world.tables.repositoriesByOwner(account.id);
  const permissions = Object.entries(app.permissions).map((pair) => pair.join(": "));
  return html`<form class="section" method="post" action="${call.url.pathname}${call.url.search}">
    ${hidden("csrf", call.csrf)}${hidden("account", String(account.id))}
    <h2>on ${account.login}</h2>
    <fieldset>
      <legend>Repositories</legend>
      <label><input type="radio" name="all" value="1" checked /> All repositories</label>
      ${repositories.length > 0 && html`<label><input type="radio" name="all" value="0" /> Only these:</label>`}
      ${repositories.map(choice)}
    </fieldset>
    <p class="muted">With these permissions: ${permissions.join(", ")}</p>
    <button class="primary">Install on ${account.login}</button>
  </form>`;
}

function choice(repository: Repository): Html {
  const name = "repository";
  return html`<label class="deep"
    ><input type="checkbox" name="${name}" value="${repository.id}" /> ${repository.name}</label
  >`;
}

/** docs.github.com, "About the setup URL": where it leads, and with what. */
function afterwards({ url }: PageCall, app: App, id: number, action: "install" | "update"): string {
  if (app.setupUrl === null || app.setupUrl === undefined) return `/settings/installations/${id}`;
  const target = new URL(app.setupUrl);
  target.searchParams.set("installation_id", String(id));
  target.searchParams.set("setup_action", action);
  const state = url.searchParams.get("state");
  if (state !== null) target.searchParams.set("state", state);
  return target.href;
}

/** Where a person may install an App: a private one only on the account that owns it. */
function accountsFor(world: World, app: App, viewer: Account): Account[] {
  const accounts = ownedAccounts(world, viewer);
  return app.isPublic === true ? accounts : accounts.filter((row) => row.id === app.ownerId);
}

function installationPage({ world, viewer, params }: PageCall): PageReply {
  const row = world.tables.installations.get(Number(params["id"]));
  const app = row === undefined ? undefined : world.tables.apps.get(row.appId);
  const account = row === undefined ? undefined : world.tables.accounts.get(row.accountId);
  if (row === undefined || app === undefined || account === undefined || viewer === null) return null;
  if (!ownsAccount(world, account, viewer)) return null;
  const which =
    row.repositoryIds === null ? "all repositories" : `${row.repositoryIds.length} of its repositories`;
  const title = `${app.name} is installed on ${account.login}`;
  return { kind: "page", title, body: notice(title, `It reaches ${which}.`) };
}

function nowhere(app: App): PageReply {
  const title = `You cannot install ${app.name}.`;
  const hint = "A private App can only be installed by an owner of the account it belongs to: switch to one.";
  return { kind: "page", title, body: notice(title, hint), status: 403 };
}

function appOf({ world, params }: PageCall): App | null {
  return [...world.tables.apps.all()].find((app) => app.slug === params["slug"]) ?? null;
}
