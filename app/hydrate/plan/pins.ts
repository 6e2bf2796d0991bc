import { readActionFile } from "../../../runner-bootstrap/boxd/steps/action-file.ts";
import { dockerfileAction } from "../../../runner-bootstrap/boxd/steps/action-definition.ts";
import type { ActionDefinition } from "../../../runner-bootstrap/boxd/steps/plan.ts";
import { toAppError } from "../../errors.ts";
import type { Resolved } from "../action-source.ts";
import type { Home, PlanDeps } from "./types.ts";

/** Names of an action's file, in the order in which they are looked for (actions/runner ActionManager.cs, PrepareRepositoryAction). */
const ACTION_FILES = ["action.yml", "action.yaml"] as const;
const DOCKERFILES = ["Dockerfile", "dockerfile"] as const;

export type ReadAction =
  | { readonly kind: "action"; readonly definition: ActionDefinition }
  /** `reason` is a half sentence after the action's name. */
  | { readonly kind: "absent" | "fault"; readonly reason: string };

/** Refs and files of one workflow's run: every ref is resolved once, so that all its jobs see the same commit. */
export type Pins = {
  resolve(nwo: string, ref: string): Promise<Resolved>;
  text(home: Home, path: string): Promise<string | null>;
  action(home: Home, dir: string): Promise<ReadAction>;
};

/**
 * Remembers answers for as long as it lives. An outside fault becomes a reason, never an exception, but for those that `isThrown` names:
 * what passes by itself says nothing about the workflow.
 */
export function createPins(
  { source, readOwn }: PlanDeps,
  isThrown: (thrown: unknown) => boolean = () => false,
): Pins {
  const resolved = new Map<string, Promise<Resolved>>();
  const actions = new Map<string, Promise<ReadAction>>();
  const text = (home: Home, path: string): Promise<string | null> =>
    home.kind === "own" ? readOwn(path) : source.file(home.nwo, home.sha, path);
  const reasonOf = (thrown: unknown): string => {
    if (isThrown(thrown)) throw thrown;
    return toAppError(thrown).message.replace(/\.$/u, "");
  };
  return {
    resolve: (nwo, ref) =>
      once(resolved, `${nwo.toLowerCase()}@${ref}`, () =>
        source
          .resolve(nwo, ref)
          .catch((thrown: unknown) => ({ kind: "missing" as const, reason: reasonOf(thrown) })),
      ),
    text,
    action: (home, dir) =>
      once(actions, `${home.kind === "own" ? "" : `${home.nwo.toLowerCase()}@${home.sha}`}:${dir}`, () =>
        readAction((path) => text(home, path), dir).catch((thrown: unknown) => ({
          kind: "fault" as const,
          reason: `cannot be read: ${reasonOf(thrown)}`,
        })),
      ),
  };
}

async function readAction(read: (path: string) => Promise<string | null>, dir: string): Promise<ReadAction> {
  const inside = (name: string): string => (dir === "" ? name : `${dir}/${name}`);
  for (const name of ACTION_FILES) {
    const text = await read(inside(name));
    if (text === null) continue;
    const file = readActionFile(text, inside(name));
    if (file.kind === "action") return { kind: "action", definition: file.action };
    return {
      kind: "fault",
      reason: `has a fault in ${inside(name)}:${file.line}:${file.column}: ${file.message.replace(/\.$/u, "")}`,
    };
  }
  for (const name of DOCKERFILES) {
    if ((await read(inside(name))) !== null)
      return { kind: "action", definition: dockerfileAction(dir, name) };
  }
  return {
    kind: "absent",
    reason: `has no action.yml, action.yaml or Dockerfile${dir === "" ? "" : ` in ${dir}`}`,
  };
}

function once<V>(known: Map<string, Promise<V>>, key: string, make: () => Promise<V>): Promise<V> {
  const had = known.get(key);
  if (had !== undefined) return had;
  const making = make();
  known.set(key, making);
  return making;
}
