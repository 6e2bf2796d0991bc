/** Jobs of one task with GitHub's cache and artifact services beside them. */

import type { OfferedCaches } from "../cache-wire.ts";
import { runJob, type JobOptions } from "./engine/run-job.ts";
import type { EngineHost, JobResult } from "./host.ts";
import type { JobPlan } from "./plan.ts";
import type { ServiceDesk, ServiceDeskDeps } from "./services/service-desk.ts";

export type ServiceRoomDeps = Omit<ServiceDeskDeps, "offered"> & {
  readonly offered: OfferedCaches | undefined;
};

export type ServiceRoom = {
  /** Runs the job; its actions find the services, where it uses any. */
  run(plan: JobPlan, host: EngineHost, options?: JobOptions): Promise<JobResult>;
  /** Lets go of artifacts; cache entries that were saved lie there as blobs. Safe to repeat. */
  close(): Promise<void>;
};

const CHECKOUT = /^actions\/checkout@/iu;

/** What the jobs of one room upload they can download from each other. Without an offer there are no services. */
export function createServiceRoom(deps: ServiceRoomDeps): ServiceRoom {
  const { offered } = deps;
  let opening: Promise<ServiceDesk> | undefined;
  return {
    async run(plan, host, options) {
      if (offered === undefined || !usesActions(plan)) return runJob(plan, host, options);
      opening ??= openDesk({ ...deps, offered }, host);
      const services = await (await opening).start(plan, host);
      try {
        for (const secret of services.secrets) host.mask(secret);
        return await runJob(plan, { ...host, services: services.env }, options);
      } finally {
        await services.close();
      }
    },
    async close() {
      const desk = await opening?.catch(() => undefined);
      await desk?.close();
    },
  };
}

/** Scripts are told of no services, as on GitHub, and a checkout, mostly answered by the sync, asks for none. */
function usesActions({ steps }: JobPlan): boolean {
  return steps.some((step) => step.kind !== "run" && !(step.kind === "uses" && CHECKOUT.test(step.uses)));
}

async function openDesk(deps: ServiceDeskDeps, host: EngineHost): Promise<ServiceDesk> {
  // Loaded only here: HTTP costs a start 20 ms.
  const { openServiceDesk } = await import("./services/service-desk.ts");
  return openServiceDesk(deps, host);
}
