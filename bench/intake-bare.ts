// What (c) measures beside: Probot's own middleware as its documentation shows it, with no handler and no store. Prints its address.
import { createServer } from "node:http";
import { createNodeMiddleware, Probot } from "probot";

const { APP_ID = "", PRIVATE_KEY = "", WEBHOOK_SECRET = "" } = process.env;
const probot = new Probot({
  appId: APP_ID,
  privateKey: PRIVATE_KEY,
  secret: WEBHOOK_SECRET,
  logLevel: "warn",
});
const middleware = await createNodeMiddleware(() => undefined, {
  probot,
  webhooksPath: "/api/github/webhooks",
});
const server = createServer((request, response) => void middleware(request, response));
server.listen(0, "127.0.0.1", () => {
  const address = server.address();
  process.stdout.write(`http://127.0.0.1:${typeof address === "object" ? (address?.port ?? 0) : 0}\n`);
});
process.stdin.resume();
process.stdin.on("end", () => process.exit(0));
