import { autoRun, type AutoRun } from "../../app/auto/auto-run.ts";
import type { AutoDeps } from "../../app/auto/deps.ts";
import type { Trigger } from "../../app/auto/trigger.ts";
import { BASE_TIP, HEAD, openWorld, REPOSITORY, type World } from "../commands/world.ts";

/** What the default branch has unless told otherwise. */
export const FILE = `defaults: { timeout: 5m }
commands:
  unit: { run: make test, class: large }
  all: { run: "make\\nmake all\\n" }
auto:
  unit: { command: unit }
  late: { command: all, on: label, label: Full Tests }
`;

export type AutoWorld = World & {
  /** A delivery of mona's; a push of the head unless told otherwise. */
  trigger(guid: string, change?: Partial<Trigger>, deps?: AutoDeps): Promise<AutoRun>;
  /** The default branch's file from now on. */
  write(text: string): void;
};

/** The commands' world with a file on its default branch. */
export async function openAutoWorld(text = FILE): Promise<AutoWorld> {
  const world = await openWorld();
  let tip = BASE_TIP;
  world.outside.file.tip = () => tip;
  const write = (next: string) => {
    // A new commit each time: what one commit has never changes.
    tip = `${tip.slice(1)}${"0123456789abcdef".charAt(world.outside.file.texts.size)}`;
    world.outside.file.texts.set(tip, next);
  };
  write(text);
  return {
    ...world,
    write,
    trigger: (guid, change = {}, deps = world.deps) =>
      autoRun(deps, {
        guid,
        installationId: 70,
        repository: REPOSITORY,
        pullRequest: 5,
        headSha: HEAD,
        sender: { id: 33, login: "mona", type: "User", viaAppId: null },
        cause: { kind: "push", isNew: true },
        ...change,
      }),
  };
}
