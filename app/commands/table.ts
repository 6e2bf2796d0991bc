import type { Command } from "./command.ts";
import { approve } from "./verbs/approve.ts";
import { cancel } from "./verbs/cancel.ts";
import { help } from "./verbs/help.ts";
import { retry } from "./verbs/retry.ts";
import { run } from "./verbs/run.ts";
import { status } from "./verbs/status.ts";
import { stop } from "./verbs/stop.ts";

/** Every command there is, in the order help shows them. A new one is a file in verbs/ and a row here. */
export const COMMANDS: readonly Command[] = [run, approve, retry, cancel, stop, status, help];
