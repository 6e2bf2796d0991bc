import { posix } from "node:path";

/** Links that lead to one another, as Linux bounds them (ELOOP). */
const MAX_HOPS = 40;

/**
 * True when a link of a tree ends inside of it, followed as a kernel would, link by link, through names that are not there too.
 * `links` holds every link's target by its path in the tree.
 */
export function staysInside(path: string, links: ReadonlyMap<string, string>): boolean {
  let hops = 0;
  const at = posix.dirname(path) === "." ? [] : posix.dirname(path).split("/");
  const left = [posix.basename(path)];
  for (let name = left.shift(); name !== undefined; name = left.shift()) {
    if (name === "" || name === ".") continue;
    if (name === "..") {
      if (at.pop() === undefined) return false;
      continue;
    }
    at.push(name);
    const target = links.get(at.join("/"));
    if (target === undefined) continue;
    hops += 1;
    if (hops > MAX_HOPS || target.startsWith("/")) return false;
    at.pop();
    left.unshift(...target.split("/"));
  }
  return true;
}
