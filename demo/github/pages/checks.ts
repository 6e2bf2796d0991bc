import type { Annotation, CheckRun, Pull, Repository } from "../model.ts";
import { appById } from "../shapes/account.ts";
import { fullName } from "../shapes/repository.ts";
import { checkMark, counted, moment, shaLink, standOf } from "./bits.ts";
import { buttonForm } from "./layout.ts";
import { markdown } from "./markdown.ts";
import { html } from "./markup.ts";
import type { Html } from "./markup.ts";
import { pullHead } from "./pull-head.ts";
import type { PageCall, PageReply, PageRoute } from "./route.ts";
import { checksOf, gone, mayWrite, pullRoute, repositoryRoute } from "./sight.ts";

/** The checks of a pull request, and one check run with its buttons. */
export const checkRoutes: readonly PageRoute[] = [
  pullRoute("GET", "/checks", checksPage),
  repositoryRoute("GET", "/runs/{id}", (call, repository) => {
    const run = runOf(call, repository, call.params["id"] ?? null);
    if (run === null) return gone();
    const name = fullName(call.world, repository);
    const body = html`<p class="crumbs"><a href="/${name}">${name}</a></p>
      <h1>${run.name}</h1>
      <div id="run" data-live>${runView(call, repository, run, `/${name}/runs/${run.id}`)}</div>`;
    return { kind: "page", title: run.name, body };
  }),
];

function checksPage(call: PageCall, repository: Repository, pull: Pull): PageReply {
  const { world, url } = call;
  const runs = checksOf(world, repository, pull);
  const current = runOf(call, repository, url.searchParams.get("check_run_id")) ?? runs[0];
  const base = `/${fullName(world, repository)}/pull/${pull.number}/checks`;
  const rows = runs.map((run) => checkLink(base, run, run.id === current?.id));
  const here = current === undefined ? base : `${base}?check_run_id=${current.id}`;
  const newer = runs.find((run) => run.name === current?.name && run.id > current.id);
  const body = html`${pullHead(call, repository, pull, "checks")}
    <div class="columns checks-page">
      <nav class="card" aria-label="Checks">
        <ul class="rows" id="check-list" data-live>
          ${rows} ${runs.length === 0 && html`<li id="no-checks" class="muted">No checks yet.</li>`}
        </ul>
      </nav>
      <div class="main-column" id="run" data-live>
        ${
          current === undefined
            ? html``
            : html`<h2 id="run-name">${current.name}</h2>
                ${newerNote(base, newer)} ${runView(call, repository, current, here)}`
        }
      </div>
    </div>`;
  return { kind: "page", title: `Checks of ${pull.title} #${pull.number}`, body };
}

function checkLink(base: string, run: CheckRun, isCurrent: boolean): Html {
  const text = html`${checkMark(run)}<span class="grow">${run.name}</span>`;
  const path = `${base}?check_run_id=${run.id}`;
  return html`<li id="link-${run.id}">
    ${isCurrent ? html`<a href="${path}" aria-current="true">${text}</a>` : html`<a href="${path}">${text}</a>`}
  </li>`;
}

/** After a Re-run one still looks at the old run. */
function newerNote(base: string, newer: CheckRun | undefined): Html {
  if (newer === undefined) return html``;
  const path = `${base}?check_run_id=${newer.id}`;
  return html`<p class="card pad" id="run-newer">This ran again: <a href="${path}">to the newer run</a>.</p>`;
}

/** Title, buttons, summary, annotations, text: as GitHub lays a check run out. */
function runView(call: PageCall, repository: Repository, run: CheckRun, here: string): Html {
  const { world } = call;
  const { title, summary, text } = run.output;
  const { words } = standOf(run);
  const annotations = world.tables.annotationsByRun(run.id);
  const name = fullName(world, repository);
  return html`<section class="card pad" id="run-top" aria-label="Result">
      <h3 class="run-title">${checkMark(run)}${title ?? words}</h3>
      <p class="muted">
        ${appById(world, run.appId).name}, ${words.toLowerCase()}, on ${shaLink(name, run.headSha)},
        ${moment(run.completedAt ?? run.startedAt ?? run.createdAt)}
        ${run.detailsUrl !== null && html` · <a href="${run.detailsUrl}">Details</a>`}
      </p>
      ${buttons(call, repository, run, here)}
    </section>
    ${summary !== null && html`<section class="card pad text" id="run-summary" aria-label="Summary">${markdown(summary)}</section>`}
    ${annotations.length > 0 && annotationsView(annotations)}
    ${text !== null && html`<section class="card pad text" id="run-text" aria-label="Text">${markdown(text)}</section>`}`;
}

function buttons(call: PageCall, repository: Repository, run: CheckRun, here: string): Html {
  if (!mayWrite(repository, call.viewer)) {
    if (run.actions.length === 0) return html``;
    const labels = run.actions.map((action) => action.label).join(", ");
    return html`<p class="muted">For people with write access: ${labels}.</p>`;
  }
  const path = `/${fullName(call.world, repository)}/runs/${run.id}`;
  const back = { return_to: here };
  return html`<div class="buttons">
    ${run.status === "completed" && buttonForm(call, `${path}/rerequest`, "Re-run", { fields: back })}
    ${run.actions.map((action) =>
      buttonForm(call, `${path}/actions`, action.label, {
        fields: { ...back, identifier: action.identifier },
        title: action.description,
      }),
    )}
  </div>`;
}

function annotationsView(annotations: readonly Annotation[]): Html {
  return html`<section class="card annotated" id="run-annotations" aria-labelledby="annotations">
    <h3 id="annotations" class="pad">${counted(annotations.length, "annotation")}</h3>
    <ul class="rows">
      ${annotations.map(annotationView)}
    </ul>
  </section>`;
}

function annotationView({ value }: Annotation): Html {
  const shown = (key: string): string => {
    const field = value[key];
    return typeof field === "string" || typeof field === "number" ? String(field) : "";
  };
  return html`<li class="annotation ${shown("annotation_level")}">
    <div class="grow">
      <b>${shown("title") || shown("annotation_level")}</b>
      <span class="muted small"
        ><code>${shown("path")}:${shown("start_line")}</code>, ${shown("annotation_level")}</span
      >
      <pre tabindex="0">${shown("message")}</pre>
    </div>
  </li>`;
}

function runOf(call: PageCall, repository: Repository, id: string | null): CheckRun | null {
  const run = call.world.tables.runs.get(Number(id));
  return run === undefined || run.repositoryId !== repository.id ? null : run;
}
