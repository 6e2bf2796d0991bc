import { encodeFrame, FRAME } from "../../runner-bootstrap/boxd/frame.ts";
import { TASK_VERSION } from "../../runner-bootstrap/boxd/task.ts";

/** An event's frame as boxd writes it. */
export function eventFrame(event: object, ms = 1_000): Buffer {
  return encodeFrame({ type: FRAME.event, ms, payload: Buffer.from(JSON.stringify(event)) });
}

/** The first event of every journal. */
export function taskFrame(id: string, change: object = {}): Buffer {
  return eventFrame({
    e: "task",
    v: TASK_VERSION,
    id,
    epoch: "boot/1",
    boxd: "boxd-0.mjs",
    node: "v24.0.0",
    rung: "best-effort",
    sandbox: "none",
    ...change,
  });
}

export function outputFrame(text: string | Buffer, ms = 1_000): Buffer {
  return encodeFrame({ type: FRAME.output, ms, payload: Buffer.from(text) });
}

export function beatFrame(): Buffer {
  return encodeFrame({ type: FRAME.beat, ms: 1_000, payload: Buffer.alloc(0) });
}

/** The wire's last frame. */
export function endFrame(change: object = {}): Buffer {
  const exit = { code: 0, executed: true, survivors: [], rung: "best-effort", endedAt: 2_000, ...change };
  return encodeFrame({ type: FRAME.end, ms: 1_000, payload: Buffer.from(JSON.stringify(exit)) });
}
