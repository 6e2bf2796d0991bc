import { addLabel, removeLabel, setDraft } from "../acts/pull-marks.ts";
import { Failure } from "../http/failure.ts";
import type { Account, Pull, Repository } from "../model.ts";
import { fullName } from "../shapes/repository.ts";
import { buttonForm, hidden } from "./layout.ts";
import { html } from "./markup.ts";
import type { Html } from "./markup.ts";
import { redirect } from "./route.ts";
import type { PageCall, PageReply, PageRoute } from "./route.ts";
import { forbidden, mayWrite, pullRoute } from "./sight.ts";

/** GitHub's own limit for a label's name. */
const LABEL_LIMIT = 50;

/** Labels and draft, for people with write access. */
export const markRoutes: readonly PageRoute[] = [
  pullRoute("POST", "/labels", (call, repository, pull) =>
    asWriter(call, repository, pull, (writer) => {
      const label = (call.form.get("label") ?? "").trim();
      if (label === "" || label.length > LABEL_LIMIT)
        throw new Failure(422, `A label has 1 to ${LABEL_LIMIT} characters.`);
      if (call.form.get("remove") === "1") removeLabel(call.world, pull, writer, label);
      else addLabel(call.world, pull, writer, label);
    }),
  ),
  pullRoute("POST", "/draft", (call, repository, pull) =>
    asWriter(call, repository, pull, (writer) => {
      setDraft(call.world, pull, writer, call.form.get("draft") === "1");
    }),
  ),
];

/** The labels as they stand beside the state. */
export function labelTags(pull: Pull): Html {
  return html`${labelsOf(pull).map((label) => html` <span class="tag">${label}</span>`)}`;
}

/** The forms to change them. */
export function marksBox(call: PageCall, repository: Repository, path: string, pull: Pull): Html {
  if (!mayWrite(repository, call.viewer) || pull.state === "closed") return html``;
  const removes = labelsOf(pull).map((label) =>
    buttonForm(call, `${path}/labels`, `Remove ${label}`, { fields: { label, remove: "1" } }),
  );
  const draft = pull.draft
    ? buttonForm(call, `${path}/draft`, "Ready for review", { fields: { draft: "0" } })
    : buttonForm(call, `${path}/draft`, "Convert to draft", { fields: { draft: "1" } });
  return html`<section class="card pad" id="marks" aria-labelledby="marks-title">
    <h2 id="marks-title">Labels and draft</h2>
    <form method="post" action="${path}/labels">
      ${hidden("csrf", call.csrf)}
      <label for="label">Label</label>
      <input id="label" name="label" maxlength="${LABEL_LIMIT}" required />
      <button>Add</button>
    </form>
    <div class="buttons below">${removes} ${draft}</div>
  </section>`;
}

function labelsOf(pull: Pull): readonly string[] {
  return pull.marks?.labels ?? [];
}

function asWriter(
  call: PageCall,
  repository: Repository,
  pull: Pull,
  act: (writer: Account) => void,
): PageReply {
  const { viewer } = call;
  if (viewer === null || !mayWrite(repository, viewer) || pull.state === "closed")
    return forbidden("It takes write access and an open pull request.");
  act(viewer);
  return redirect(`/${fullName(call.world, repository)}/pull/${pull.number}`);
}
