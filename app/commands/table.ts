import type { Command } from "./command.ts";
import { approve } from "./verbs/approve.ts";
import { cancel } from "./verbs/cancel.ts";
import { explain } from "./verbs/explain.ts";
import { extend } from "./verbs/extend.ts";
import { help } from "./verbs/help.ts";
import { job } from "./verbs/job.ts";
import { keep } from "./verbs/keep.ts";
import { retry } from "./verbs/retry.ts";
import { run } from "./verbs/run.ts";
import { status } from "./verbs/status.ts";
import { stop } from "./verbs/stop.ts";
import { warmup } from "./verbs/warmup.ts";

/** Every command there is, in the order help shows them. A new one is a file in verbs/ and a row here. */
export const COMMANDS: readonly Command[] = [
  run,
  job,
  approve,
  retry,
  cancel,
  warmup,
  keep,
  extend,
  stop,
  status,
  explain,
  help,
];
