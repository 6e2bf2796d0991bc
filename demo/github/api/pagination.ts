import { Failure } from "../http/failure.ts";
import type { Call } from "./router.ts";
import { apiUrl } from "../shapes/account.ts";

export type Page<T> = { items: T[]; headers: Record<string, string> };

const DEFAULT_PER_PAGE = 30;
const MAX_PER_PAGE = 100;

/** One page by `per_page` and `page`, with GitHub's Link header. */
export function paginate<T>(call: Call, items: readonly T[]): Page<T> {
  const perPage = perPageOf(call);
  const page = Math.max(1, Number(call.query.get("page") ?? 1) || 1);
  const last = Math.max(1, Math.ceil(items.length / perPage));
  const links: [string, number][] = [];
  if (page > 1) links.push(["prev", page - 1]);
  if (page < last) links.push(["next", page + 1], ["last", last]);
  if (page > 1) links.push(["first", 1]);
  const header = links.map(([rel, number]) => `<${address(call, { page: String(number) })}>; rel="${rel}"`);
  return {
    items: items.slice((page - 1) * perPage, page * perPage),
    headers: header.length === 0 ? {} : { link: header.join(", ") },
  };
}

/** One page of newest-first items by `cursor`, as deliveries are listed. */
export function paginateByCursor<T extends { id: number }>(call: Call, items: readonly T[]): Page<T> {
  const perPage = perPageOf(call);
  const cursor = call.query.get("cursor");
  const from = cursor === null ? 0 : items.findIndex((item) => `v1_${item.id}` === cursor);
  if (from === -1) throw new Failure(400, "Invalid cursor");
  const next = items[from + perPage];
  const link = next === undefined ? null : `<${address(call, { cursor: `v1_${next.id}` })}>; rel="next"`;
  return { items: items.slice(from, from + perPage), headers: link === null ? {} : { link } };
}

function perPageOf(call: Call): number {
  const asked = Number(call.query.get("per_page") ?? DEFAULT_PER_PAGE);
  return Number.isInteger(asked) && asked > 0 ? Math.min(asked, MAX_PER_PAGE) : DEFAULT_PER_PAGE;
}

function address(call: Call, change: Record<string, string>): string {
  const query = new URLSearchParams(call.query);
  for (const [key, value] of Object.entries(change)) query.set(key, value);
  return `${apiUrl(call.world, call.path)}?${query.toString()}`;
}
