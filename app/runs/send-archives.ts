import type { Readable } from "node:stream";
import { ACTIONS_NODE_MAJOR, type ActionArchive, type Task } from "../../runner-bootstrap/boxd/task.ts";
import { actionsIn, areRunByNode } from "../../runner-bootstrap/boxd/steps/node-actions.ts";
import type { BoxLink } from "../ssh/boxd-client.ts";

/** Opens the App's copy of a packed action. */
export type OpenArchive = (archive: ActionArchive) => Readable;

/**
 * Brings to the box what the task's set-up steps, or a whole job's, are run from, before the task itself is sent: packed actions, whose
 * hashes the box checks, and the Node that JavaScript actions are made for. Safe to repeat; throws as `putBlob`, `needNode` and the
 * opening do.
 */
export async function sendArchives(
  open: OpenArchive,
  link: Pick<BoxLink, "putBlob" | "needNode">,
  task: Pick<Task, "hydrate" | "job">,
): Promise<void> {
  const { hydrate, job } = task;
  const archives = [
    ...(hydrate !== undefined && "archives" in hydrate ? hydrate.archives : []),
    ...(job === undefined ? [] : job.archives),
  ];
  const plans = [hydrate?.plan, hydrate?.jobs, job?.jobs];
  const actions = plans.flatMap((one) => (one === undefined || one === null ? [] : actionsIn(one)));
  if (areRunByNode(actions, archives)) await link.needNode(ACTIONS_NODE_MAJOR);
  for (const archive of archives) await link.putBlob(archive.sha256, archive.sizeBytes, () => open(archive));
}
