import { readFileSync } from "node:fs";
import type { Attempt, Lease, Repository, Run } from "../store/rows.ts";
import { planDocument } from "./plan-document.ts";
import { runDocument } from "./run-document.ts";
import type { ToldOfBox } from "./told.ts";

export type BundleFacts = {
  readonly run: Run;
  readonly repository: Repository;
  readonly attempts: readonly Attempt[];
  /** Of the last attempt. */
  readonly lease: Lease | null;
  readonly told: ToldOfBox;
};

const ABOUT = `What the App knows of one failed run, to be handed to whoever looks into it.

run.json          what was asked, which commit; what each stage took, from the queue to the report; how each attempt ended
environment.json  NAMES of the environment; no values
plan.json         the set-up's or the job's steps by name, actions with their commits
versions.json     the App, boxd, Node and the system on the box
log*.txt          the output of each attempt, masked as it was on the box

Everything comes from what the App has stored. Scripts of steps, inputs and values of the environment are left out. A mask hides
a secret's usual encodings, not what a command reversed, hashed or cut up: read the log before you hand it on.
`;

/** The documents of a bundle by name. Chosen field by field: a new one of a row is not in them by itself. */
export function bundleDocuments(facts: BundleFacts): Readonly<Record<string, string>> {
  const last = facts.attempts.at(-1);
  return {
    "ABOUT.txt": ABOUT,
    "run.json": json(runDocument(facts)),
    "environment.json": json(environmentDocument(last, facts.told)),
    "plan.json": json(last === undefined ? null : planDocument(last)),
    "versions.json": json(versionsDocument(facts)),
  };
}

function environmentDocument(last: Attempt | undefined, { box }: ToldOfBox): object {
  return {
    of_the_command: box?.names ?? null,
    of_the_server: Object.keys(last?.task?.env ?? {}).sort(),
    secrets_of_steps: last?.task?.grants?.secrets ?? [],
  };
}

function versionsDocument({ told: { task, box } }: BundleFacts): object {
  return {
    app: appVersion(),
    app_node: process.version,
    boxd: task?.boxd ?? null,
    box_node: task?.node ?? null,
    containment: task?.rung ?? null,
    sandbox: task?.sandbox ?? null,
    system: box?.os ?? null,
    kernel: box?.kernel ?? null,
    architecture: box?.arch ?? null,
  };
}

function appVersion(): string {
  const text = readFileSync(new URL("../../package.json", import.meta.url), "utf8");
  return (JSON.parse(text) as { readonly version: string }).version;
}

function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
