import { generateKeyPairSync } from "node:crypto";
import { chmodSync, cpSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import sqlite3 from "sqlite3";
import { afterAll, beforeAll, expect, test } from "vitest";
import { freePort, openStage, type Stage } from "../servers/stage.ts";
import { doctorBeside, faults } from "./doctor-stage.ts";

let stage: Stage;
let doctor: ReturnType<typeof doctorBeside>;
beforeAll(async () => {
  stage = await openStage();
  await stage.run("/crabbox run -- true");
  doctor = doctorBeside(stage);
});
afterAll(() => stage.close());

test("a healthy installation with its App running: nothing is broken, and every provider ran a task", async () => {
  const { code, findings } = await doctor.examine({ providers: true });
  expect(findings.filter(({ level }) => level !== "ok")).toEqual([]);
  expect(code).toBe(0);
  expect(new Set(findings.map(({ area }) => area))).toEqual(
    new Set(["settings", "state", "store", "clock", "github", "webhook", "provider"]),
  );
  expect(findings.at(-1)?.what).toContain("local gave a box that ran a task");
});

test("people read lines and a verdict; a wrong flag is told with the help", async () => {
  const plain = await doctor.run(["--no-providers"], {});
  expect(plain.stdout).toMatch(/^ok {4}settings {2}/u);
  expect(plain.stdout).toContain("Nothing is broken.");
  const wrong = await doctor.run(["--jason"], {});
  expect(wrong.code).toBe(2);
  expect(wrong.stderr).toContain("Usage: npx crabbox-app doctor");
});

test("no settings file", async () => {
  const found = await doctor.examine({ env: { CRABBOX_CONFIG: "/nowhere.yml" } });
  expect(found.code).toBe(1);
  expect(faults(found).join("\n")).toMatch(/settings: .*\/nowhere\.yml cannot be read/su);
});

test("a weak webhook secret", async () => {
  const found = await doctor.examine({ env: { WEBHOOK_SECRET: "development" } });
  expect(faults(found).join("\n")).toMatch(/WEBHOOK_SECRET: too weak.*openssl rand/su);
});

test("another App's private key", async () => {
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const path = join(stage.dir, "other.pem");
  writeFileSync(path, privateKey.export({ type: "pkcs1", format: "pem" }), { mode: 0o600 });
  const found = await doctor.examine({ env: { PRIVATE_KEY_PATH: path } });
  expect(found.code).toBe(1);
  expect(faults(found).join("\n")).toMatch(/github: .*-> .*private key/isu);
});

test("a GitHub that is not there", async () => {
  const port = await freePort();
  const env = doctor.withSettings("no-github", {
    github: { apiUrl: `http://127.0.0.1:${port}`, webUrl: `http://127.0.0.1:${port}` },
  });
  const found = await doctor.examine({ env });
  expect(found.code).toBe(1);
  expect(faults(found).filter((line) => line.startsWith("github:"))).toHaveLength(1);
});

test("an account that the App is not installed on", async () => {
  const found = await doctor.examine({
    env: doctor.withSettings("globex", { accounts: ["acme", "globex"] }),
  });
  expect(faults(found)).toEqual([
    expect.stringMatching(/not installed on globex\. -> Install it: http.*\/installations\/new/u),
  ]);
});

test("a public URL that GitHub does not deliver to", async () => {
  const found = await doctor.examine({
    env: doctor.withSettings("moved", { publicUrl: "https://moved.example.com" }),
  });
  expect(faults(found).join("\n")).toMatch(
    /webhook: GitHub delivers to http.*, not to https:\/\/moved\.example\.com\/api/u,
  );
});

test("a state directory open to others, and one that is a file", async () => {
  const open = join(stage.dir, "open");
  mkdirSync(open);
  chmodSync(open, 0o755);
  expect(faults(await doctor.examine({ env: doctor.withSettings("open", { stateDir: open }) }))).toEqual([
    expect.stringContaining(`-> Close it: chmod 700 ${open}`),
  ]);
  const file = join(stage.dir, "file");
  writeFileSync(file, "");
  const found = await doctor.examine({ env: doctor.withSettings("file", { stateDir: file }) });
  expect(faults(found)[0]).toContain("is no directory");
});

test("a damaged database, and one that a newer version wrote", async () => {
  const damaged = join(stage.dir, "damaged");
  mkdirSync(damaged, { mode: 0o700 });
  writeFileSync(join(damaged, "crabbox.sqlite"), "this is no database, ".repeat(500));
  const first = await doctor.examine({ env: doctor.withSettings("damaged", { stateDir: damaged }) });
  expect(first.code).toBe(1);
  expect(faults(first)[0]).toMatch(/store: .*restore the last backup/u);

  const newer = join(stage.dir, "newer");
  mkdirSync(newer, { mode: 0o700 });
  const path = join(newer, "crabbox.sqlite");
  cpSync(join(stage.app.stateDir, "crabbox.sqlite"), path);
  await new Promise<void>((resolve, reject) => {
    const database = new sqlite3.Database(path);
    database.exec(
      "CREATE TABLE IF NOT EXISTS knex_migrations (id integer primary key, name text, batch integer, migration_time text);" +
        "INSERT INTO knex_migrations (name, batch) VALUES ('999-tomorrow', 9)",
      (error) => (error === null ? database.close(() => resolve()) : reject(error)),
    );
  });
  const second = await doctor.examine({ env: doctor.withSettings("newer", { stateDir: newer }) });
  expect(faults(second)[0]).toMatch(/newer version of the App \(999-tomorrow\)/u);
});

test("a host that nobody answers on, beside a provider that works", async () => {
  const key = join(stage.app.stateDir, "local", "client_key");
  const env = doctor.withSettings("dead-host", {
    providers: [
      { kind: "local", name: "local", inContainer: "allow" },
      {
        kind: "static-ssh",
        name: "lab",
        hosts: [{ name: "one", host: "127.0.0.1", port: await freePort(), user: "nobody", keyFile: key }],
      },
    ],
  });
  const found = await doctor.examine({ env, providers: true });
  expect(found.code, JSON.stringify(found)).toBe(1);
  expect(faults(found)).toEqual([expect.stringMatching(/^provider: lab: /u)]);
});
