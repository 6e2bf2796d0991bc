import { approvedLocation, deniedLocation, readAuthorizeRequest } from "../oauth/codes.ts";
import type { AuthorizeRequest } from "../oauth/codes.ts";
import { grant, hasGrant } from "../oauth/user-tokens.ts";
import { accountById } from "../shapes/account.ts";
import { face, hidden, notice } from "./layout.ts";
import { html } from "./markup.ts";
import { page, redirect } from "./route.ts";
import type { PageCall, PageReply, PageRoute } from "./route.ts";
import { signInPage } from "./sign-in.ts";

const PATH = "/login/oauth/authorize";

/** The web log-in of an App: who are you, and may it act for you? */
export const authorizeRoutes: readonly PageRoute[] = [
  page("GET", PATH, (call) => {
    const read = readAuthorizeRequest(call.world, call.url.searchParams);
    if (!read.ok) return refused(read);
    const { request } = read;
    const { viewer } = call;
    const others = call.url.searchParams.get("prompt") === "select_account";
    if (viewer === null || others) return chooseFirst(call, request);
    // Who has approved once is not asked again.
    if (hasGrant(call.world, request.app, viewer.id))
      return redirect(approvedLocation(call.world, request, viewer.id));
    return askLeave(call, request);
  }),
  page("POST", PATH, ({ world, url, form, viewer }) => {
    const read = readAuthorizeRequest(world, url.searchParams);
    if (!read.ok) return refused(read);
    if (viewer === null) return redirect(url.pathname + url.search);
    if (form.get("authorize") !== "1") return redirect(deniedLocation(read.request));
    grant(world, read.request.app, viewer.id);
    return redirect(approvedLocation(world, read.request, viewer.id));
  }),
];

function chooseFirst(call: PageCall, request: AuthorizeRequest): PageReply {
  const query = new URLSearchParams(call.url.searchParams);
  query.delete("prompt");
  const why = `to continue to ${request.app.name}. Nobody here has a password: who would you like to be?`;
  return signInPage(call, `${PATH}?${query.toString()}`, why, request.login);
}

function askLeave(call: PageCall, request: AuthorizeRequest): PageReply {
  const { app, redirectUri } = request;
  const owner = accountById(call.world, app.ownerId);
  const body = html`<div class="card narrow">
    <h1>${app.name} by ${owner.login} would like permission to:</h1>
    <ul>
      <li>Verify your identity (${call.viewer?.login ?? ""})</li>
      <li>Know which resources you can access</li>
      <li>Act on your behalf</li>
    </ul>
    <p class="signed">
      ${call.viewer !== null && face(call.viewer)} You are <b>${call.viewer?.login ?? ""}</b>.
    </p>
    <form method="post" action="${call.url.pathname}${call.url.search}">
      ${hidden("csrf", call.csrf)}
      <button class="primary" name="authorize" value="1">Authorize ${app.name}</button>
      <button name="authorize" value="0">Cancel</button>
    </form>
    <p class="muted">Authorizing will redirect to <b>${new URL(redirectUri).origin}</b>.</p>
  </div>`;
  return { kind: "page", title: `Authorize ${app.name}`, body, leaves: true };
}

function refused(read: { status: number; title: string; hint: string }): PageReply {
  return { kind: "page", title: read.title, body: notice(read.title, read.hint), status: read.status };
}
