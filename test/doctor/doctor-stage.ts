import { execFile } from "node:child_process";
import { join } from "node:path";
import { readFileSync, writeFileSync } from "node:fs";
import { parse, stringify } from "yaml";
import type { Finding } from "../../app/doctor/finding.ts";
import type { Stage } from "../servers/stage.ts";

const BIN = join(import.meta.dirname, "..", "..", "app", "cli", "bin.mjs");
const WITHIN_MS = 110_000;

export type Diagnosis = {
  readonly code: number;
  readonly findings: readonly Finding[];
  /** All but JSON. */
  readonly stderr: string;
};

/** How an operator runs the doctor beside a stage's App: the same environment, changed as a test wants it. */
export function doctorBeside(stage: Stage) {
  const config = join(stage.dir, "app.yml");
  const usual = () => ({
    PATH: process.env["PATH"],
    HOME: process.env["HOME"],
    APP_ID: String(stage.github.appId),
    PRIVATE_KEY_PATH: join(stage.dir, "app.pem"),
    WEBHOOK_SECRET: stage.github.webhookSecret,
    CRABBOX_CONFIG: config,
  });
  const run = (args: readonly string[], env: Readonly<Record<string, string | undefined>>) =>
    new Promise<{ code: number; stdout: string; stderr: string }>((resolve) => {
      execFile(
        process.execPath,
        [BIN, "doctor", ...args],
        { cwd: stage.dir, env: { ...usual(), ...env }, timeout: WITHIN_MS },
        (error, stdout, stderr) => resolve({ code: Number(error?.code ?? 0), stdout, stderr }),
      );
    });
  return {
    run,
    /** Without boxes, unless `providers` says so. */
    async examine(
      change: { readonly env?: Readonly<Record<string, string>>; readonly providers?: boolean } = {},
    ): Promise<Diagnosis> {
      const args = change.providers === true ? ["--json"] : ["--json", "--no-providers"];
      const { code, stdout, stderr } = await run(args, change.env ?? {});
      const { findings } = JSON.parse(stdout) as { readonly findings: readonly Finding[] };
      return { code, findings, stderr };
    },
    /** A settings file of its own, made from the stage's. */
    withSettings(name: string, change: Readonly<Record<string, unknown>>): Readonly<Record<string, string>> {
      const path = join(stage.dir, `${name}.yml`);
      const settings = parse(readFileSync(config, "utf8")) as Record<string, unknown>;
      writeFileSync(path, stringify({ ...settings, ...change }));
      return { CRABBOX_CONFIG: path };
    },
  };
}

/** The faults of a diagnosis, each with its cure, a line each. */
export function faults({ findings }: Diagnosis): readonly string[] {
  return findings
    .filter(({ level }) => level !== "ok")
    .map(({ area, what, cure }) => `${area}: ${what} -> ${String(cure)}`);
}
