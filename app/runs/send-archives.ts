import type { Readable } from "node:stream";
import { ACTIONS_NODE_MAJOR, type ActionArchive, type Task } from "../../runner-bootstrap/boxd/task.ts";
import type { BoxLink } from "../ssh/boxd-client.ts";

/** Opens the App's copy of a packed action. */
export type OpenArchive = (archive: ActionArchive) => Readable;

/**
 * Brings to the box what the task's set-up steps are run from, before the task itself is sent: packed actions, whose hashes the box
 * checks, and the Node that JavaScript actions are made for. Safe to repeat; throws as `putBlob`, `needNode` and the opening do.
 */
export async function sendArchives(
  open: OpenArchive,
  link: Pick<BoxLink, "putBlob" | "needNode">,
  task: Pick<Task, "hydrate">,
): Promise<void> {
  const { hydrate } = task;
  const archives = hydrate !== undefined && "archives" in hydrate ? hydrate.archives : [];
  const actions =
    hydrate !== undefined && "plan" in hydrate ? Object.values(hydrate.plan?.actions ?? {}) : [];
  if (actions.some(({ definition }) => definition?.runs.using.startsWith("node")))
    await link.needNode(ACTIONS_NODE_MAJOR);
  for (const archive of archives) await link.putBlob(archive.sha256, archive.sizeBytes, () => open(archive));
}
