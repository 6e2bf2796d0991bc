/** Where a submodule is fetched from. */

const GITHUB_FORMS = [
  /^https:\/\/(?:[^@/]*@)?github\.com\/(?<path>.+)$/i,
  /^(?:ssh:\/\/)?git@github\.com[:/](?<path>.+)$/i,
  /^git:\/\/github\.com\/(?<path>.+)$/i,
];

/**
 * The URL to fetch from, or undefined when there is no safe one.
 *
 * Rules, in order: a relative URL is resolved against its parent's; every way of writing github.com means the GitHub
 * that the task itself comes from (`topRemote`'s origin), so that another GitHub, or an offline one, serves it; any
 * other https URL is taken as it is, and never gets a token; the rest is refused.
 */
export function resolveSubmoduleUrl(
  url: string,
  parentRemote: string,
  topRemote: string,
): string | undefined {
  if (url.startsWith("./") || url.startsWith("../")) {
    // Relative to the parent as if it were a directory, as git does it.
    const resolved = URL.parse(url, `${parentRemote.replace(/\/+$/, "")}/`);
    return resolved !== null && resolved.origin === new URL(parentRemote).origin ? resolved.href : undefined;
  }
  for (const form of GITHUB_FORMS) {
    const path = form.exec(url)?.groups?.["path"];
    if (path !== undefined) return URL.parse(path, `${new URL(topRemote).origin}/`)?.href;
  }
  const parsed = URL.parse(url);
  return parsed !== null && parsed.protocol === "https:" && parsed.username === "" && parsed.password === ""
    ? parsed.href
    : undefined;
}
