import { toText } from "../../../runner-bootstrap/boxd/steps/expressions/coerce.ts";
import { allowedHint, quoted, type Complaints } from "./complain.ts";
import { childOf, itemsOf, type MapEntry } from "./node.ts";

type Need = { readonly id: string; readonly at: number };

/** Tells needs of jobs that are not there, and circles of them. */
export function checkNeeds(jobs: readonly MapEntry[], complaints: Complaints): void {
  const ids = new Map(jobs.map((job) => [job.key.toLowerCase(), job.key]));
  const needs = new Map<string, readonly Need[]>();
  for (const job of jobs) {
    const known: Need[] = [];
    for (const node of itemsOf(childOf(job.value, "needs"))) {
      if (node.kind !== "scalar") continue;
      const id = toText(node.value);
      if (ids.has(id.toLowerCase())) known.push({ id: id.toLowerCase(), at: node.at });
      else
        complaints.add(
          node.at,
          `jobs.${job.key}.needs`,
          `There is no job ${quoted(id)}.`,
          allowedHint(id, [...ids.values()]),
        );
    }
    needs.set(job.key.toLowerCase(), known);
  }
  tellCircle(needs, ids, complaints);
}

/** One circle is told: breaking it changes the others. */
function tellCircle(
  needs: ReadonlyMap<string, readonly Need[]>,
  ids: ReadonlyMap<string, string>,
  complaints: Complaints,
): void {
  const left = new Map(needs);
  for (let size = -1; size !== left.size;) {
    size = left.size;
    for (const [id, own] of left) if (own.every((need) => !left.has(need.id))) left.delete(id);
  }
  const [start] = left.keys();
  if (start === undefined) return;
  const way: string[] = [];
  let at: Need = { id: start, at: 0 };
  while (!way.includes(at.id)) {
    way.push(at.id);
    at = left.get(at.id)?.find((need) => left.has(need.id)) ?? at;
  }
  const circle = [...way.slice(way.indexOf(at.id)), at.id].map((id) => quoted(ids.get(id) ?? id));
  complaints.add(
    at.at,
    `jobs.${ids.get(way.at(-1) ?? "") ?? ""}.needs`,
    `Jobs need each other in a circle: ${circle.join(" → ")}.`,
    "Take one of these needs away.",
  );
}
