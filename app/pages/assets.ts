import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import type { FastifyInstance } from "fastify";
import { PAGE_HEADERS } from "./page-headers.ts";

/** Every file a page may load; nothing else is served. */
const FILES = [
  "icon.svg",
  "log-page.js",
  "log-page.css",
  "keys.js",
  "live.js",
  "renew.js",
  "row-store.js",
  "row-view.js",
  "search-bar.js",
  "search.js",
  "setup.css",
  "run-page.css",
  "site.css",
  "status.js",
  "terminal.css",
  "terminal.js",
  "tokens.css",
  "viewport.js",
] as const;
const DIRECTORY = new URL("./assets/", import.meta.url);
const TYPES: Readonly<Record<string, string>> = {
  js: "text/javascript; charset=utf-8",
  css: "text/css; charset=utf-8",
  svg: "image/svg+xml",
};
/** A year: the address changes with the content. */
const CACHE = "public, max-age=31536000, immutable";
const HASH_CHARACTERS = 16;

export type Assets = {
  /** Path that holds all files, without a slash at its end. */
  readonly path: string;
  register(server: FastifyInstance): void;
};

/** Reads the pages' scripts and styles once. Their path carries a hash of them all, so that browsers may keep them for ever. */
export function loadAssets(): Assets {
  const files = FILES.map((name) => ({ name, bytes: readFileSync(new URL(name, DIRECTORY)) }));
  const hash = createHash("sha256");
  for (const { name, bytes } of files) hash.update(`${name}\n${bytes.length}\n`).update(bytes);
  const path = `/assets/${hash.digest("hex").slice(0, HASH_CHARACTERS)}`;
  return {
    path,
    register(server) {
      for (const { name, bytes } of files) {
        server.get(`${path}/${name}`, async (_request, reply) =>
          reply
            .headers({ ...PAGE_HEADERS, "cache-control": CACHE })
            .type(TYPES[name.slice(name.lastIndexOf(".") + 1)] ?? "application/octet-stream")
            .send(bytes),
        );
      }
    },
  };
}
