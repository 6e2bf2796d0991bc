const NOWHERE = "http://nowhere.invalid";
const LENGTH_MAX = 500;

/** What stands before every path of ours in a browser: empty, or the part that a proxy takes away. */
export function rootOf(publicUrl: string): string {
  return new URL(publicUrl).pathname.replace(/\/$/u, "");
}

/** A path of our own to go to after log-in; anything that could lead elsewhere is the home page. */
export function returnPath(asked: unknown): string {
  if (typeof asked !== "string" || asked.length > LENGTH_MAX || !asked.startsWith("/")) return "/";
  // What a browser would take for another host (`//host`, `/\host`, tabs between) shows once it is parsed as a browser does.
  const url = URL.parse(asked, NOWHERE);
  if (url === null || url.origin !== NOWHERE || url.pathname.startsWith("//")) return "/";
  return `${url.pathname}${url.search}`;
}
