import type { Account } from "../model.ts";
import { html } from "./markup.ts";
import type { Html } from "./markup.ts";
import type { PageCall } from "./route.ts";

/** A whole page around its content. */
export function layout(call: PageCall, title: string, body: Html): Html {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>${title} · Offline GitHub</title>
        <link rel="icon" href="/_pages/icon.svg" />
        <link rel="stylesheet" href="/_pages/style.css" />
        <script src="/_pages/live.js" defer></script>
      </head>
      <body>
        <a class="skip" href="#main">Skip to content</a>
        <header class="bar">
          <a class="home" href="/"><b>Offline GitHub</b></a>
          ${account(call)}
        </header>
        <main id="main" tabindex="-1">${body}</main>
        <footer>A GitHub for this machine: real Git, webhooks and API, no account, nothing leaves.</footer>
      </body>
    </html>`;
}

/** A person's picture, with no text of its own: their name stands beside it. */
export function face(account: Account, size = 20): Html {
  return html`<img class="face" src="/avatars/u/${account.id}" alt="" width="${size}" height="${size}" />`;
}

/** A button in a form of its own; `fields` are hidden. */
export function buttonForm(
  call: PageCall,
  action: string,
  label: string,
  more: { fields?: Record<string, string>; kind?: "primary" | "danger" | "plain"; title?: string } = {},
): Html {
  const fields = Object.entries(more.fields ?? {}).map(([name, value]) => hidden(name, value));
  return html`<form class="inline" method="post" action="${action}">
    ${hidden("csrf", call.csrf)}${fields}<button class="${more.kind ?? "plain"}" title="${more.title ?? ""}">
      ${label}
    </button>
  </form>`;
}

/** A field that the person does not see. */
export function hidden(name: string, value: string): Html {
  return html`<input type="hidden" name="${name}" value="${value}" />`;
}

/** A notice that something is not possible, with what to do. */
export function notice(title: string, hint: string): Html {
  return html`<div class="card narrow">
    <h1>${title}</h1>
    <p>${hint}</p>
    <p><a href="/">To the first page</a></p>
  </div>`;
}

function account(call: PageCall): Html {
  const here = call.url.pathname + call.url.search;
  if (call.viewer === null)
    return html`<a class="button" href="/login?return_to=${encodeURIComponent(here)}">Sign in</a>`;
  return html`<span class="who"
      >${face(call.viewer)}<span class="sr">Signed in as </span><b>${call.viewer.login}</b></span
    >
    <a href="/login?return_to=${encodeURIComponent(here)}">Switch</a>
    ${buttonForm(call, "/logout", "Sign out")}`;
}
