import type { Pull, Repository } from "../model.ts";
import { fullName } from "../shapes/repository.ts";
import { buttonForm, hidden } from "./layout.ts";
import { html } from "./markup.ts";
import type { Html } from "./markup.ts";
import { marksBox } from "./marks.ts";
import type { PageCall } from "./route.ts";
import { mayWrite } from "./sight.ts";

/** What a newcomer can press on a pull request: comments ready to post, a push, merge and close. Only what the person may. */
export function playBox(call: PageCall, repository: Repository, pull: Pull): Html {
  const path = `/${fullName(call.world, repository)}/pull/${pull.number}`;
  return html`<div id="play" data-live>
    ${suggestions(call, path)} ${pushForm(call, path, pull)} ${stateForms(call, repository, path, pull)}
    ${marksBox(call, repository, path, pull)}
  </div>`;
}

function suggestions(call: PageCall, path: string): Html {
  const { suggestions: texts } = call.world.settings();
  if (texts.length === 0 || call.viewer === null) return html``;
  return html`<section class="card pad" id="suggestions" aria-labelledby="try">
    <h2 id="try">Try a comment</h2>
    <div class="stack">
      ${texts.map((body) => buttonForm(call, `${path}/comments`, body, { fields: { body }, title: "Posts this comment" }))}
    </div>
  </section>`;
}

function pushForm(call: PageCall, path: string, pull: Pull): Html {
  const head = call.world.tables.repositories.get(pull.headRepositoryId);
  if (head === undefined || pull.state === "closed" || !mayWrite(head, call.viewer)) return html``;
  return html`<section class="card pad" id="push" aria-labelledby="push-title">
    <h2 id="push-title">Push a commit</h2>
    <form method="post" action="${path}/push">
      ${hidden("csrf", call.csrf)}
      <label for="file">File on <code class="branch">${pull.headRef}</code></label>
      <input id="file" name="file" value="NOTES.md" maxlength="200" required />
      <label for="content">Its new text</label>
      <textarea id="content" name="content" rows="3" maxlength="100000">A note.</textarea>
      <button>Push</button>
    </form>
  </section>`;
}

function stateForms(call: PageCall, repository: Repository, path: string, pull: Pull): Html {
  const writes = mayWrite(repository, call.viewer);
  const closes = writes || call.viewer?.id === pull.authorId;
  if (!closes || pull.mergedAt !== undefined) return html``;
  const isOpen = pull.state === "open";
  const isReady = isOpen && writes && !pull.draft && pull.mergeSha !== null;
  return html`<section class="card pad" id="state" aria-labelledby="state-title">
    <h2 id="state-title">This pull request</h2>
    <div class="buttons">
      ${isReady && buttonForm(call, `${path}/merge`, "Merge", { kind: "primary" })}
      ${isOpen ? buttonForm(call, `${path}/close`, "Close") : buttonForm(call, `${path}/reopen`, "Reopen")}
    </div>
    ${isOpen && pull.mergeSha === null && html`<p class="muted">It conflicts with its base.</p>`}
  </section>`;
}
