import { z } from "zod";

import { ARTIFACT_NOTE_MAX, ARTIFACT_NOTES_MAX } from "../../runner-bootstrap/boxd/artifact-wire.ts";
import { BOX_NAME_MAX, BOX_NAMES_MAX } from "../../runner-bootstrap/boxd/box-facts.ts";

/** The journal masks once more, which may make a text longer than it was. */
const MASKED = 4;
const LINE_MAX = 1_024;

const line = z.string().max(LINE_MAX);
const count = z.int().min(0);

/** What a box tells of artifacts and of itself. What is no name, hash or size the flow passes over: a masked one is no lie. */
export const leftEvents = [
  z.object({
    e: z.literal("artifact"),
    from: z.enum(["tree", "action"]),
    name: z.string().max(LINE_MAX * MASKED),
    sha256: line,
    sizeBytes: count,
    keepMs: count.exactOptional(),
  }),
  z.object({
    e: z.literal("artifacts"),
    kept: count,
    notes: z.array(z.string().max(ARTIFACT_NOTE_MAX * MASKED)).max(ARTIFACT_NOTES_MAX),
  }),
  z.object({
    e: z.literal("box"),
    os: line,
    kernel: line,
    arch: line,
    names: z.array(z.string().max(BOX_NAME_MAX * MASKED)).max(BOX_NAMES_MAX),
  }),
] as const;
