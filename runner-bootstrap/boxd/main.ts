/** boxd: the program on the box that owns a task. One file, one command an invocation. */

import { writeSync } from "node:fs";

import { blobIn, blobOut } from "./blobs.ts";
import { controlTask } from "./control-front.ts";
import { followFront, startFront } from "./front.ts";
import { layoutFrom, makeLayout } from "./layout.ts";
import { isTaskId } from "./parse-task.ts";
import { settle } from "./state.ts";
import { boxStatus } from "./status.ts";
import { supervise } from "./supervise.ts";
import { sweep, wipe } from "./sweep.ts";
import { FRONT_EXIT } from "./task.ts";

const USAGE =
  "boxd start [OFFSET] | follow ID OFFSET | cancel ID | extend ID | token ID | status | settle ID | sweep | wipe | put-blob SHA256 SIZE | get-blob SHA256";

/** Runs the command in argv; the process ends with FRONT_EXIT's codes. */
async function main(argv: readonly string[]): Promise<number> {
  const layout = layoutFrom(process.env);
  const [command = "", first, second] = argv;
  const id = first ?? "";
  switch (command) {
    case "start":
      return startFront(layout, offsetOf(first ?? "0"));
    case "supervise":
      await supervise(layout);
      return FRONT_EXIT.complete;
    case "follow":
      return isTaskId(id) ? followFront(layout, id, offsetOf(second ?? "0")) : usage();
    case "cancel":
    case "extend":
    case "token":
      return isTaskId(id) || (command === "extend" && id === "-")
        ? controlTask(layout, command, id)
        : usage();
    case "status":
      makeLayout(layout);
      return print(await boxStatus(layout));
    case "settle":
      return isTaskId(id) ? print({ id, state: await settle(layout, id) }) : usage();
    case "sweep":
      return sweep(layout);
    case "wipe":
      return wipe(layout);
    case "put-blob":
      return blobIn(layout, id, Number(second));
    case "get-blob":
      return blobOut(layout, id);
    default:
      return usage();
  }
}

function offsetOf(text: string): number {
  const offset = Number(text);
  return Number.isSafeInteger(offset) && offset >= 0 ? offset : 0;
}

function print(value: object): number {
  writeSync(1, `${JSON.stringify(value)}\n`);
  return FRONT_EXIT.complete;
}

function usage(): number {
  writeSync(2, `usage: ${USAGE}\n`);
  return FRONT_EXIT.refused;
}

process.exit(await main(process.argv.slice(2)));
