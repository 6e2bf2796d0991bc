import type { BoxFactsEvent } from "../../runner-bootstrap/boxd/box-facts.ts";
import { FRAME } from "../../runner-bootstrap/boxd/frame.ts";
import type { TaskEvent } from "../../runner-bootstrap/boxd/task.ts";
import { readFrames, type ReadJournal } from "../journal/frames.ts";
import { parseCopiedEvent } from "../ssh/events-schema.ts";

/** What a journal tells of its box; null for what it does not. */
export type ToldOfBox = {
  readonly task: Extract<TaskEvent, { e: "task" }> | null;
  readonly box: BoxFactsEvent | null;
};

/** Reads a whole journal for it, flat in memory. */
export async function toldOfBox(read: ReadJournal): Promise<ToldOfBox> {
  let task: ToldOfBox["task"] = null;
  let box: ToldOfBox["box"] = null;
  for await (const frames of readFrames(read, 0))
    for (const { type, payload } of frames) {
      const event = type === FRAME.event ? parseCopiedEvent(payload) : null;
      if (event?.e === "task") task = event;
      if (event?.e === "box") box = event;
    }
  return { task, box };
}
