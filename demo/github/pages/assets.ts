import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Account } from "../model.ts";
import { escapeText } from "./markup.ts";
import { page } from "./route.ts";
import type { PageReply, PageRoute } from "./route.ts";

const DIR = join(import.meta.dirname, "assets");
/** Background colours with at least 4.5:1 under white letters. */
const COLOURS = ["#0b5cad", "#8a3ffc", "#a2191f", "#0e6027", "#8e6a00", "#9f1853", "#005d5d", "#4d5358"];

/** Style, the few lines of script, and a picture of each account. */
export const assetRoutes: readonly PageRoute[] = [
  page("GET", "/_pages/style.css", () => asset("style.css", "text/css; charset=utf-8")),
  page("GET", "/_pages/icon.svg", () => asset("icon.svg", "image/svg+xml")),
  page("GET", "/_pages/live.js", () => asset("live.js", "text/javascript; charset=utf-8")),
  page("GET", "/avatars/u/{id}", ({ world, params }) => {
    const account = world.tables.accounts.get(Number(params["id"]));
    if (account === undefined) return null;
    return { kind: "file", type: "image/svg+xml", bytes: Buffer.from(picture(account)), cached: true };
  }),
];

function asset(name: string, type: string): PageReply {
  return { kind: "file", type, bytes: readFileSync(join(DIR, name)) };
}

function picture(account: Account): string {
  const colour = COLOURS[account.id % COLOURS.length] ?? "#4d5358";
  const letter = escapeText(account.login.slice(0, 1).toUpperCase());
  const shape =
    account.type === "User"
      ? `<circle cx="20" cy="20" r="20" fill="${colour}"/>`
      : `<rect width="40" height="40" rx="8" fill="${colour}"/>`;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 40">${shape}<text x="20" y="27" font-family="system-ui,sans-serif" font-size="20" font-weight="600" fill="#fff" text-anchor="middle">${letter}</text></svg>`;
}
