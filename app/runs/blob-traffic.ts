import type { TaskEvent } from "../../runner-bootstrap/boxd/task.ts";

/** Blobs of one attempt that go between the App and its box beside the log. Nothing here fails a run. */
export type BlobTraffic = {
  event(event: TaskEvent): void;
  /** Resolves when all that the box has for the App is fetched or lost, which is bounded; throws `drain`'s reason should that come first. */
  done(drain: AbortSignal): Promise<void>;
  /** Lets go of what is under way. */
  close(): void;
};

/** Several as one; they work at once. */
export function together(...all: readonly BlobTraffic[]): BlobTraffic {
  return {
    event(event) {
      for (const one of all) one.event(event);
    },
    async done(drain) {
      await Promise.all(all.map((one) => one.done(drain)));
    },
    close() {
      for (const one of all) one.close();
    },
  };
}
