import { explicitRole } from "../api/access.ts";
import type { Account } from "../model.ts";
import { fullName } from "../shapes/repository.ts";
import type { World } from "../world.ts";
import { face, hidden } from "./layout.ts";
import { html } from "./markup.ts";
import type { Html } from "./markup.ts";
import { ownPath, page } from "./route.ts";
import type { PageCall, PageReply, PageRoute } from "./route.ts";

/** More people than one can choose from are found by name. */
const PEOPLE_SHOWN = 30;
const TIES_SHOWN = 3;

/** Signing in as one of the people: there are no passwords here. */
export const signInRoutes: readonly PageRoute[] = [
  page("GET", "/login", (call) => signInPage(call, ownPath(call.url.searchParams.get("return_to")))),
  page("POST", "/session", ({ world, form }) => {
    const person = world.tables.accountsByLogin((form.get("login") ?? "").toLowerCase())[0];
    if (person === undefined || person.type !== "User") return null;
    return { kind: "redirect", location: ownPath(form.get("return_to")), signIn: person };
  }),
  page("POST", "/logout", () => ({ kind: "redirect", location: "/", signIn: null })),
];

/** The page on which one says who one is. `why` says what for; `hint` is the login that an App expects. */
export function signInPage(
  call: PageCall,
  returnTo: string,
  why = "",
  hint: string | null = null,
): PageReply {
  const people = peopleOf(call.world);
  const first = people.filter((one) => one.login.toLowerCase() === hint?.toLowerCase());
  const shown = [...first, ...people.filter((one) => !first.includes(one))].slice(0, PEOPLE_SHOWN);
  const body = html`<div class="card narrow">
    <h1>Sign in to Offline GitHub</h1>
    <p class="muted">${why === "" ? "Nobody here has a password. Who would you like to be?" : why}</p>
    <ul class="people">
      ${shown.map((one) => personForm(call, one, returnTo))}
    </ul>
    ${shown.length === 0 && html`<p>There are no people yet.</p>`}
  </div>`;
  return { kind: "page", title: "Sign in", body, leaves: true };
}

function personForm(call: PageCall, person: Account, returnTo: string): Html {
  return html`<li>
    <form method="post" action="/session">
      ${hidden("csrf", call.csrf)}${hidden("login", person.login)}${hidden("return_to", returnTo)}
      <button class="person">
        ${face(person, 32)}<span
          ><b>${person.login}</b><span class="muted">${tiesOf(call.world, person)}</span></span
        >
      </button>
    </form>
  </li>`;
}

/** People with a role come first: they are the ones to play with. */
function peopleOf(world: World): Account[] {
  const people = [...world.tables.accounts.all()].filter((row) => row.type === "User");
  const weight = (one: Account): number =>
    [...world.tables.repositories.all()].some((row) => explicitRole(row, one.id) !== null) ? 0 : 1;
  return people.sort((a, b) => weight(a) - weight(b) || a.id - b.id);
}

function tiesOf(world: World, person: Account): string {
  const ties = [...world.tables.repositories.all()].flatMap((row) => {
    const name = fullName(world, row);
    if (row.ownerId === person.id) return [row.forkOfId === null ? `owns ${name}` : `has the fork ${name}`];
    const role = explicitRole(row, person.id);
    return role === null ? [] : [`${role} in ${name}`];
  });
  if (ties.length === 0) return "a stranger: reads what is public";
  const more = ties.length > TIES_SHOWN ? ` and ${ties.length - TIES_SHOWN} more` : "";
  return ties.slice(0, TIES_SHOWN).join(", ") + more;
}
