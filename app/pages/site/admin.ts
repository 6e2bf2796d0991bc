import { shortLine } from "../../clamp.ts";
import { monthStart } from "../../costs/price.ts";
import { formatMicroUsd } from "../../money.ts";
import type { Tone } from "../../render/site-views.ts";
import type { Account } from "../../store/rows.ts";
import { parseQuery } from "../log-queries.ts";
import type { SiteDeps } from "./deps.ts";
import { PAGE_ROWS, pageOf } from "./lists.ts";
import { GuidParams, PageQuery } from "./queries.ts";
import type { Site } from "./site.ts";
import { nothingHere } from "./visitor.ts";
import { pager, timeView } from "./words.ts";

const ERROR_BYTES = 500;
/** More dead letters are an outage: the CLI lists them all. */
const DEAD_MAX = 50;

/** `/accounts`: all of them, with what runs and what it cost this month. */
export function accountsPage(site: Site, deps: SiteDeps): void {
  site.adminPage("/accounts", async (visitor, request) => {
    const { from } = parseQuery(PageQuery, request.query);
    const { rows, next } = pageOf(await deps.store.looks.accounts({ from, limit: PAGE_ROWS + 1 }), from);
    const month = monthStart(deps.clock.now());
    return deps.render.accounts({
      frame: site.frame(visitor, "Accounts", "/accounts"),
      accounts: await Promise.all(
        rows.map(async (account) => {
          const [runs, leases, spent] = await Promise.all([
            deps.store.runs.unfinished({ accountId: account.id }),
            deps.store.leases.live({ accountId: account.id }),
            deps.store.ledger.spent(account.id, month),
          ]);
          return {
            login: account.login,
            type: account.type,
            state: standing(account),
            tone: account.removedAt === null && account.suspendedAt === null ? "good" : "bad",
            runs: runs.length,
            boxes: leases.length,
            charged: formatMicroUsd(spent.chargedMicroUsd),
            reserved: formatMicroUsd(spent.reservedMicroUsd),
          };
        }),
      ),
      pager: pager(`${site.root}/accounts`, from, PAGE_ROWS, next),
    });
  });
}

/** `/deliveries`: what GitHub sent, and what failed for good, to be put back. */
export function deliveriesPage(site: Site, deps: SiteDeps): void {
  site.adminPage("/deliveries", async (visitor, request) => {
    const { from } = parseQuery(PageQuery, request.query);
    const slice = { from, limit: PAGE_ROWS + 1 };
    const [dead, found] = await Promise.all([
      deps.store.deliveries.dead(),
      deps.store.looks.deliveries(slice),
    ]);
    const { rows, next } = pageOf(found, from);
    const now = deps.clock.now();
    return deps.render.deliveries({
      frame: site.frame(visitor, "Deliveries", "/deliveries"),
      dead: dead.slice(-DEAD_MAX).map(({ guid, event, tries, error, receivedAt }) => ({
        guid,
        event,
        tries,
        error: shortLine(error, ERROR_BYTES),
        at: timeView(receivedAt, now),
        action: `${site.root}/deliveries/${encodeURIComponent(guid)}/retry`,
      })),
      deliveries: rows.map(({ guid, event, action, state, tries, receivedAt }) => ({
        guid,
        event: action === null ? event : `${event}.${action}`,
        state: state === "stored" ? "waiting" : state,
        tone: TONES[state] ?? "waiting",
        tries,
        at: timeView(receivedAt, now),
      })),
      pager: pager(`${site.root}/deliveries`, from, PAGE_ROWS, next),
    });
  });
  site.form("/deliveries/:guid/retry", async (visitor, request) => {
    const params = GuidParams.safeParse(request.params);
    if (!visitor.isAdmin || !params.success) throw nothingHere();
    const { guid } = params.data;
    if (await deps.store.deliveries.revive(guid)) {
      const data = { by: visitor.session.login, userId: visitor.session.userId };
      await deps.store.events.append({ subject: "delivery", subjectId: guid, type: "put_back", data });
      deps.wakeIntake();
    }
    return "/deliveries";
  });
}

const TONES: Readonly<Record<string, Tone>> = { done: "good", dead: "bad", stored: "waiting" };

function standing(account: Account): string {
  if (account.removedAt !== null) return "removed";
  if (account.suspendedAt !== null) return "suspended";
  return account.installationId === null ? "not installed" : "installed";
}
