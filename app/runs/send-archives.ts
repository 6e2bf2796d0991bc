import type { Readable } from "node:stream";
import type { ActionArchive, Task } from "../../runner-bootstrap/boxd/task.ts";
import type { BoxLink } from "../ssh/boxd-client.ts";

/** Opens the App's copy of a packed action. */
export type OpenArchive = (archive: ActionArchive) => Readable;

/**
 * Brings to the box what the task's set-up steps, or those of a whole job, are run from, before the task itself is sent. The box checks each hash. Safe to
 * repeat; throws as `putBlob` and the opening do.
 */
export async function sendArchives(
  open: OpenArchive,
  link: Pick<BoxLink, "putBlob">,
  task: Pick<Task, "hydrate" | "job">,
): Promise<void> {
  const { hydrate, job } = task;
  const archives = [
    ...(hydrate !== undefined && "archives" in hydrate ? hydrate.archives : []),
    ...(job === undefined ? [] : job.archives),
  ];
  for (const archive of archives) await link.putBlob(archive.sha256, archive.sizeBytes, () => open(archive));
}
