import { appendFile } from "node:fs/promises";
import { join } from "node:path";
import type { AddressInfo } from "node:net";
import fastify from "fastify";
import pino from "pino";
import { createSystemClock } from "../../app/clock.ts";
import { createAccountFilter } from "../../app/intake/account-filter.ts";
import { createReceiver } from "../../app/intake/receiver.ts";
import { createIntakeRoutes, WEBHOOK_PATH } from "../../app/intake/routes.ts";
import { createIntakeWorker } from "../../app/intake/worker.ts";
import { openStore } from "../../app/store/open-store.ts";
import { isWanted } from "../../app/webhooks/register.ts";

/**
 * An intake as a process of its own, to be killed: door, queue and Probot over the store in argv[2]. argv[3]: `door` hands nothing on,
 * `hang` never ends a handler, `work` writes each handled GUID to `handled.txt`. The private key comes as argv[4].
 */
const [dir = "", mode = "", privateKey = "", secret = ""] = process.argv.slice(2);
const clock = createSystemClock();
const log = pino({ level: "silent" });
const store = await openStore({ path: join(dir, "app.sqlite"), clock });
const receive = await createReceiver({
  appId: 1,
  privateKey,
  webhookSecret: secret,
  apiUrl: "http://127.0.0.1:9",
  log,
  registerHandlers(probot) {
    probot.on("issue_comment.created", async (context) => {
      await appendFile(join(dir, `${mode}.txt`), `${context.id} ${context.payload.comment.body}\n`);
      if (mode === "hang") await new Promise(() => undefined);
    });
  },
});
const worker = createIntakeWorker({ deliveries: store.deliveries, receive, clock, log });
const server = fastify();
await server.register(
  createIntakeRoutes({
    deliveries: store.deliveries,
    webhookSecret: secret,
    isOurs: createAccountFilter(["acme"], log),
    isWanted,
    onStored: () => worker.wake(),
    isDraining: () => false,
    clock,
    log,
  }),
);
await server.listen({ port: 0, host: "127.0.0.1" });
if (mode !== "door") worker.start();
const { port } = server.server.address() as AddressInfo;
process.stdout.write(`http://127.0.0.1:${port}${WEBHOOK_PATH}\n`);
