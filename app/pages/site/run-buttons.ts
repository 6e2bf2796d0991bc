import { AppError } from "../../errors.ts";
import type { ButtonView } from "../../render/site-views.ts";
import { buttonsOf } from "../../runs/buttons.ts";
import type { Lease, Run } from "../../store/rows.ts";
import { buttonsFor } from "./box-lines.ts";
import type { SiteDeps } from "./deps.ts";
import { ButtonParams } from "./queries.ts";
import { seenRun } from "./seen-run.ts";
import { guidOf } from "./said.ts";
import type { Form, Site } from "./site.ts";
import { nothingHere, type Visitor } from "./visitor.ts";

const KEY = /^[\w-]{16,64}$/u;
const KEY_BYTES = 16;
const LOOK_BACK_RUNS = 100;

/** The buttons of a run's page: those of its check, and those of its box. */
export function runButtons(
  deps: Pick<SiteDeps, "ids" | "keepMs">,
  root: string,
  run: Run,
  lease: Lease | null,
): readonly ButtonView[] {
  const to = `/runs/${run.id}`;
  const own = buttonsOf({ run, lease, keepMs: deps.keepMs }).map(({ identifier, label, description }) => ({
    action: `${root}${to}/press/${identifier}`,
    label,
    description,
    key: deps.ids.token(KEY_BYTES),
    to,
  }));
  const isThere = lease !== null && run.pullRequest !== null;
  return [...own, ...(isThere ? buttonsFor(deps, root, lease, to) : [])];
}

/** `POST /runs/:run/press/:identifier`: the very path of the check's button; GitHub is asked at this moment. */
export function pressButton(site: Site, deps: SiteDeps): void {
  site.form("/runs/:run/press/:identifier", async (visitor, request, form) => {
    const params = ButtonParams.safeParse(request.params);
    if (!params.success) throw nothingHere();
    const { run, repository } = await seenRun(deps, visitor, request.params);
    const key = keyOf(form);
    const pressed = await deps.press({
      guid: guidOf(visitor, key),
      repository,
      sender: senderOf(visitor),
      run,
      identifier: params.data.identifier,
      tellsRefusal: false,
    });
    if (pressed.kind === "not_allowed") {
      deps.access.forget(visitor.session, repository);
      throw mayNot();
    }
    const made = await madeBy(deps, run, params.data.identifier);
    return made === null ? `/runs/${run.id}?said=${key}` : `/runs/${made.id}`;
  });
}

/** What a form of ours carries against being counted twice. */
export function keyOf(form: Form): string {
  const key = form["key"] ?? "";
  if (KEY.test(key)) return key;
  throw new AppError("bad_request", "This form is not whole.", "Reload the page and try again.");
}

/** The person, as a webhook would name them. */
export function senderOf({ session }: Visitor) {
  return { id: session.userId, login: session.login, type: "User", viaAppId: null } as const;
}

/** GitHub says that they may not, now. */
export function mayNot(): AppError {
  return new AppError(
    "not_allowed",
    "This needs write access to the repository, and GitHub says that you do not have it.",
    "Ask somebody who has it.",
  );
}

/** Who pressed retry looks at the new run next. */
async function madeBy(deps: SiteDeps, run: Run, identifier: string): Promise<Run | null> {
  if (identifier !== "retry" || run.pullRequest === null) return null;
  const recent = await deps.store.runs.ofPullRequest(run.repositoryId, run.pullRequest, LOOK_BACK_RUNS);
  return recent.find(({ retryOf }) => retryOf === run.id) ?? null;
}
