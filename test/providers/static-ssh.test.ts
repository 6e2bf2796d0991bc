import { describe } from "vitest";

import { canMakeUsers } from "../servers/plain-user.ts";
import { providerContract } from "./contract.ts";
import { staticStage } from "./static-stage.ts";

import type { ContractStage } from "./contract.ts";
import type { ProviderBox } from "../../providers/provider.ts";
import type { StaticStage } from "./static-stage.ts";

function contractStage(stage: StaticStage, open: ContractStage["open"]): ContractStage {
  return {
    capacity: 2,
    open,
    stop: () => stage.stop(),
    async logIn(box: ProviderBox) {
      if (box.address === undefined) throw new Error("no address");
      const result = await stage.exec.exec(box.address, "exit 0", "", AbortSignal.timeout(30_000));
      if (result.kind !== "done" || result.code !== 0) throw new Error(JSON.stringify(result));
    },
  };
}

describe("static-ssh with sandboxed slots keeps the provider contract", () => {
  providerContract(async () => {
    const stage = await staticStage();
    return contractStage(stage, () => stage.open());
  });
});

// Wiping a slot's user would end the tests' own user's processes: only with users made for it.
describe.skipIf(!canMakeUsers())(
  "static-ssh with a user a slot keeps the provider contract (needs root)",
  () => {
    providerContract(async () => {
      const stage = await staticStage(3);
      const uids = stage.users.slice(1).map(({ name }) => name);
      return contractStage(stage, () => stage.open({ separation: "users" }, { uids }));
    });
  },
);
