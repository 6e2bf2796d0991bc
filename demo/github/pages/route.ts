import type { Account } from "../model.ts";
import type { World } from "../world.ts";
import type { Html } from "./markup.ts";

/** What a page's handler gets. `form` is empty but on POST, where its CSRF token was checked already. */
export type PageCall = {
  world: World;
  url: URL;
  params: Record<string, string>;
  form: URLSearchParams;
  /** Who is signed in. */
  viewer: Account | null;
  /** Goes into every form, as the field `csrf`. */
  csrf: string;
};

/** What it answers; null: there is no such page. */
export type PageReply =
  | {
      kind: "page";
      title: string;
      body: Html;
      status?: number;
      /** Forms of this page may lead to other origins (an App's callback); such pages show nothing but plain text. */
      leaves?: true;
    }
  /** `signIn`: the person whose session begins with it; null ends the session. */
  | { kind: "redirect"; location: string; signIn?: Account | null }
  | { kind: "file"; type: string; bytes: Buffer; cached?: true }
  | null;

export type PageRoute = {
  method: "GET" | "POST";
  pattern: RegExp;
  names: readonly string[];
  handle: (call: PageCall) => PageReply | Promise<PageReply>;
  /** Takes a form that another origin made: an App's manifest. Everything else needs our own token. */
  fromAnywhere: boolean;
};

/** A page at a path such as `/{owner}/{repo}/pull/{number}`; a parameter never holds a slash. */
export function page(
  method: PageRoute["method"],
  path: string,
  handle: PageRoute["handle"],
  more: { fromAnywhere?: true } = {},
): PageRoute {
  const names: string[] = [];
  const source = path.replaceAll(/\{(\w+)\}/g, (_, name: string) => {
    names.push(name);
    return "([^/]+)";
  });
  return {
    method,
    pattern: new RegExp(`^${source}$`),
    names,
    handle,
    fromAnywhere: more.fromAnywhere === true,
  };
}

/** Back to a page of ours: 303, so that a reload asks again instead of posting again. */
export function redirect(location: string): PageReply {
  return { kind: "redirect", location };
}

/** A path on this server, or "/" where the text is anything else: nobody is led away by a link. */
export function ownPath(text: string | null): string {
  if (text === null || !/^\/(?![/\\])[\x21-\x7e]*$/.test(text)) return "/";
  return text;
}
