import { shortLine } from "../../clamp.ts";
import { parseQuery } from "../log-queries.ts";
import type { SiteDeps } from "./deps.ts";
import { PAGE_ROWS, pageOf } from "./lists.ts";
import { AuditQuery } from "./queries.ts";
import type { Site } from "./site.ts";
import { pager, timeView } from "./words.ts";

const DATA_BYTES = 600;

/** `/audit`: what happened, newest first, of one subject where one is named. */
export function auditPage(site: Site, deps: SiteDeps): void {
  site.adminPage("/audit", async (visitor, request) => {
    const { from, subject, id } = parseQuery(AuditQuery, request.query);
    const filter = { ...(subject === "" ? {} : { subject }), ...(id === "" ? {} : { subjectId: id }) };
    const found = await deps.store.looks.events(filter, { from, limit: PAGE_ROWS + 1 });
    const { rows, next } = pageOf(found, from);
    const now = deps.clock.now();
    const query = new URLSearchParams({
      ...(subject === "" ? {} : { subject }),
      ...(id === "" ? {} : { id }),
    });
    const path = `${site.root}/audit${query.size === 0 ? "" : `?${query.toString()}`}`;
    return deps.render.audit({
      frame: site.frame(visitor, "Audit", "/audit"),
      subjects: AuditQuery.shape.subject
        .unwrap()
        .options.map((name) => ({ name, isChosen: name === subject })),
      subjectId: id,
      events: rows.map((event) => ({
        subject: event.subject,
        subjectId: event.subjectId,
        href: `${site.root}/audit?${new URLSearchParams({ subject: event.subject, id: event.subjectId }).toString()}`,
        type: event.type,
        data: shortLine(dataText(event.data), DATA_BYTES),
        at: timeView(event.at, now),
      })),
      pager: pager(path, from, PAGE_ROWS, next),
    });
  });
}

function dataText(data: Readonly<Record<string, unknown>>): string {
  const text = Object.entries(data).map(([key, value]) => `${key}: ${JSON.stringify(value)}`);
  return text.join(", ");
}
