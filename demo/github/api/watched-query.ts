/** Query parameters that remember which of them a handler has looked at. */
export type WatchedQuery = URLSearchParams & { unread: () => string[] };

/** What nobody reads would be an answer to another question than the one asked. */
export function watchQuery(source: URLSearchParams): WatchedQuery {
  const read = new Set<string>();
  return Object.assign(new URLSearchParams(source), {
    get: (name: string) => {
      read.add(name);
      return source.get(name);
    },
    has: (name: string) => {
      read.add(name);
      return source.has(name);
    },
    unread: () => [...new Set(source.keys())].filter((name) => !read.has(name)),
  });
}
