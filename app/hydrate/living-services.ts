import type { HydratePhase } from "../../runner-bootstrap/boxd/task.ts";
import type { JobModel } from "../../runner-bootstrap/boxd/steps/jobs/model.ts";
import type { PreparedJob } from "../../runner-bootstrap/boxd/steps/jobs/types.ts";
import type { JobPlan } from "../../runner-bootstrap/boxd/steps/plan.ts";
import { servicesEnv } from "./services-grants.ts";

/** A port of this machine's that is written down, not one that Docker chooses: `8080:80`, `127.0.0.1:8080:80/tcp`. */
const FIXED_PORT = /^(?:\d{1,3}(?:\.\d{1,3}){3}:)?\d+:\d+(?:\/\w+)?$/u;
/** `job.services`, and the whole of `job` from which they could be taken. */
const READS_SERVICES = /(?<![\w.-])job\s*(?:\.\s*(?:services\b|\*)|\[|[),|&=!}])/giu;
/** These are the same each time where the workflow says them. */
const READS_PORTS = /(?<![\w.-])job\s*\.\s*services\s*\.\s*[\w-]+\s*\.\s*ports\b/giu;
/** Services named in one sentence. */
const MAX_NAMED = 20;

export type LivingServices = {
  /** They cannot be started as they were for the steps: what these kept of them would be another's. */
  readonly isAnew: boolean;
  /** Sentences. */
  readonly notes: readonly string[];
};

/**
 * What becomes of a set-up's services after its steps: they run beside the command, and are started again where the box is prepared
 * already. Where the steps read what Docker chose (a port, a container's id), or where needed jobs decide about them, that would not
 * be what the steps have seen: such a set-up is done again for each run.
 */
export function livingServices({ plan, jobs }: Pick<HydratePhase, "plan" | "jobs">): LivingServices {
  const names = jobs === undefined ? Object.keys(plan?.services ?? {}) : namesBehind(jobs);
  if (names.length === 0 || plan === null) return { isAnew: false, notes: [] };
  const notes = [`These services run beside the command, too: ${names.slice(0, MAX_NAMED).join(", ")}.`];
  if (jobs !== undefined)
    return {
      isAnew: true,
      notes: [
        ...notes,
        "The set-up is done for every run: its services wait for what other jobs or callers say.",
      ],
    };
  const isChosen = Object.values(plan.services).some(({ ports }) =>
    ports.some((port) => !FIXED_PORT.test(port)),
  );
  const text = JSON.stringify([plan.steps, plan.env, plan.actions]);
  const reads = text.match(READS_SERVICES)?.length ?? 0;
  const readsPorts = text.match(READS_PORTS)?.length ?? 0;
  if (reads === 0 || (!isChosen && reads === readsPorts)) return { isAnew: false, notes };
  const why =
    "The set-up is done for every run: its steps read `job.services`, and Docker chooses what they read; of ports alone, `HOST:CONTAINER` would fix it.";
  return { isAnew: true, notes: [...notes, why] };
}

/** The job that starts the services of a set-up and does nothing else, with no more environment than they read; null when it has none. */
export function servicesAgain({ plan, jobs }: Pick<HydratePhase, "plan" | "jobs">): JobPlan | null {
  if (plan === null || jobs !== undefined || Object.keys(plan.services).length === 0) return null;
  const { container: _container, ...rest } = plan;
  return { ...rest, env: servicesEnv(plan), steps: [], actions: {}, outputs: {} };
}

function namesBehind({
  target,
  inner = target,
  prepared,
}: NonNullable<HydratePhase["jobs"]>): readonly string[] {
  const model = modelOf(prepared, inner.split(" / "));
  if (model === undefined || model.kind === "call") return [];
  const { services } = model;
  return typeof services === "object" && services !== null ? Object.keys(services) : ["(by an expression)"];
}

function modelOf(jobs: readonly PreparedJob[], path: readonly string[]): JobModel | undefined {
  const [id, ...rest] = path;
  const job = jobs.find(({ model }) => model.id === id);
  return rest.length === 0 ? job?.model : modelOf(job?.callee?.jobs ?? [], rest);
}
