import { beforeAll, describe } from "vitest";

import { dockerMissing } from "../servers/docker.ts";
import { providerContract } from "./contract.ts";
import { dockerStage, PREPARE_TIMEOUT_MS, prepareDocker } from "./docker-stage.ts";

describe.skipIf(dockerMissing() !== null)(
  `docker keeps the provider contract (${dockerMissing() ?? "a real daemon"})`,
  () => {
    beforeAll(prepareDocker, PREPARE_TIMEOUT_MS);
    providerContract(async () => {
      const stage = await dockerStage();
      return {
        capacity: 2,
        open: () => stage.open(),
        stop: () => stage.stop(),
        async logIn(box) {
          const result = await stage.exec(box, "exit 0");
          if (result.kind !== "done" || result.code !== 0) throw new Error(JSON.stringify(result));
        },
      };
    });
  },
);
