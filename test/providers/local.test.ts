import { describe } from "vitest";

import { connect } from "../../app/ssh/connect.ts";
import { shellCommand } from "../../app/ssh/quote.ts";
import { clock, localStage } from "./local-stage.ts";
import { providerContract } from "./contract.ts";

describe("local keeps the provider contract", () => {
  providerContract(async () => {
    const stage = localStage();
    return {
      capacity: 2,
      open: () => stage.open(),
      stop: () => stage.stop(),
      async logIn(box) {
        if (box.address === undefined) throw new Error("no address");
        const connection = await connect({ clock }, box.address);
        const exec = await connection.exec(shellCommand("exit 0"));
        exec.stdout.resume();
        const exit = await exec.exit;
        connection.close();
        if (exit.kind !== "code" || exit.code !== 0) throw new Error(JSON.stringify(exit));
      },
    };
  });
});
