import { faultLine } from "../read/fault.ts";
import type { CallJob, WorkflowModel } from "../../../runner-bootstrap/boxd/steps/jobs/model.ts";
import { readWorkflow } from "../read/read.ts";
import type { Pins } from "./pins.ts";
import type { Lack } from "../../../runner-bootstrap/boxd/steps/jobs/types.ts";
import type { Home } from "./types.ts";

const OWN = /^[.$]\/(\.github\/workflows\/[^/@]+\.ya?ml)$/u;
const REMOTE = /^([^/@]+\/[^/@]+)\/(\.github\/workflows\/[^/@]+\.ya?ml)@(.+)$/u;

export type CallTarget =
  | {
      readonly kind: "workflow";
      readonly home: Home;
      readonly workflow: WorkflowModel;
      /** Tells one target from another, for circles. */
      readonly key: string;
    }
  | { readonly kind: "lack"; readonly lack: Lack };

/** The workflow that a job calls, pinned and read; `./` means the repository and commit of the file it stands in. */
export async function callTarget(
  pins: Pins,
  { job, home }: { readonly job: CallJob; readonly home: Home },
): Promise<CallTarget> {
  const lack = (reason: string): CallTarget => ({
    kind: "lack",
    lack: {
      level: "stop",
      about: "workflow",
      name: job.uses,
      reason: `${job.uses} ${reason}.`,
      place: job.usesPlace,
    },
  });
  const own = OWN.exec(job.uses);
  const remote = REMOTE.exec(job.uses);
  let target = home;
  let path = own?.[1] ?? "";
  if (own === null) {
    if (remote === null)
      return lack("is no workflow: ./.github/workflows/FILE or OWNER/REPOSITORY/.github/workflows/FILE@REF");
    const [, nwo = "", file = "", ref = ""] = remote;
    const found = await pins.resolve(nwo, ref);
    if (found.kind === "missing") return lack(`cannot be had: ${found.reason}`);
    target = { kind: "remote", nwo, sha: found.sha };
    path = file;
  }
  let text: string | null;
  try {
    text = await pins.text(target, path);
  } catch (error) {
    return lack(`cannot be read: ${error instanceof Error ? error.message : "unknown"}`);
  }
  const key = target.kind === "own" ? path : `${target.nwo.toLowerCase()}/${path}@${target.sha}`;
  if (text === null) return lack(`is not there: ${key}`);
  const read = readWorkflow(path, text);
  if ("faults" in read) {
    const [first] = read.faults;
    return lack(`has a fault${first === undefined ? "" : `: ${faultLine(first).replace(/\.$/u, "")}`}`);
  }
  if (read.workflow.call === null)
    return lack("has no `workflow_call` among its events, so it cannot be called");
  return { kind: "workflow", home: target, workflow: read.workflow, key };
}
