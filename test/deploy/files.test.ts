import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { z } from "zod";
import { FileSettings } from "../../app/settings-file.ts";
import { compose, COMPOSE, COMPOSE_FILE } from "./compose.ts";

const ROOT = join(import.meta.dirname, "..", "..");
const read = (path: string) => readFileSync(join(ROOT, path), "utf8");
const Service = z.looseObject({
  read_only: z.literal(true),
  cap_drop: z.tuple([z.literal("ALL")]),
  security_opt: z.tuple([z.literal("no-new-privileges:true")]),
  ports: z.array(z.string()).optional(),
});
const Composition = z.strictObject({
  "x-hardened": z.unknown(),
  services: z.strictObject({ app: Service, caddy: Service }),
  volumes: z.record(z.string(), z.null()),
});

test("the composition: both services hardened, only Caddy has ports, and no key that one of the two versions refuses", () => {
  // No `version`: v2 warns of it, 1.29 takes a file without one as the newest.
  const { services } = Composition.parse(parse(readFileSync(COMPOSE_FILE, "utf8"), { merge: true }));
  expect(services.app.ports).toBeUndefined();
  expect(services.caddy.ports).toHaveLength(2);
});

describe.skipIf(COMPOSE === null)(
  `Compose itself${COMPOSE === null ? " (skipped: none is here)" : ""}`,
  () => {
    test("takes the file, with defaults for all but the name", async () => {
      const { code, said } = await compose(["config"], { CRABBOX_HOST: "crabbox.example.com" });
      expect(code, said).toBe(0);
      expect(said).toContain("debian:bookworm-slim");
      expect(said).not.toMatch(/warn/iu);
    });

    test("says that the name is missing", async () => {
      const { code, said } = await compose(["config"], {});
      expect(code).not.toBe(0);
      expect(said).toContain("the public name of this server is needed");
    });
  },
);

test("the example of the settings is one, and its every name in the environment is known to the composition", () => {
  const example = FileSettings.parse(parse(read("deploy/config/crabbox-app.example.yml")));
  expect(example.listen).toMatchObject({ host: "0.0.0.0", port: 3000 });
  const second = read("deploy/config/crabbox-app.example.yml").replaceAll(/^#(content:| {2}\S)/gmu, "$1");
  const { port } = FileSettings.parse(parse(second)).content.listen;
  expect(FileSettings.parse(parse(second)).content).toMatchObject({ listen: { host: "0.0.0.0" } });
  expect(read("deploy/compose.yml")).toContain(`CRABBOX_CONTENT_UPSTREAM: app:${port}\n`);
  const names = [...read("deploy/env.example").matchAll(/^#?([A-Z_]+)=/gmu)].map(([, name = ""]) => name);
  expect(names.length).toBeGreaterThan(5);
  for (const name of names) expect(read("deploy/compose.yml"), name).toContain(`\${${name}:`);
});

test.each(["deploy/Dockerfile", "deploy/caddy.Dockerfile"])(
  "%s: any base, an own user, and nothing that only BuildKit knows",
  (file) => {
    const text = read(file);
    expect(text).toMatch(/^ARG BASE=/mu);
    expect(text).toMatch(/^USER \d+:\d+$/mu);
    expect(text).not.toMatch(/^RUN --|^# syntax|<<EOF/mu);
    const sources = [...text.matchAll(/^COPY (?!--from)(.+) \S+$/gmu)].flatMap(([, names = ""]) =>
      names.split(" "),
    );
    expect(sources.length).toBeGreaterThan(0);
    // What is copied must get past .dockerignore, which lets nothing through by itself.
    for (const source of sources) expect(read(".dockerignore").split("\n")).toContain(`!${source}`);
  },
);
