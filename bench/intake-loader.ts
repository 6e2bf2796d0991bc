// The loader of (c), a process of its own: so many deliveries over kept-alive connections, each sent when the one before was answered.
// argv: URL, secret, count, connections, `wanted` or `usual`. Prints one JSON line.
import { createHmac, randomUUID } from "node:crypto";
import { connect, type Socket } from "node:net";
import { usualDelivery, wantedDelivery } from "./usual-payload.ts";

const [url = "", secret = "", count = "0", connections = "50", kind = "usual"] = process.argv.slice(2);
const { hostname, port, pathname } = new URL(url);
const delivery = kind === "wanted" ? wantedDelivery() : usualDelivery();
const body = Buffer.from(delivery.body);
const signature = createHmac("sha256", secret).update(body).digest("hex");
const head = [
  `POST ${pathname} HTTP/1.1`,
  `Host: ${hostname}:${port}`,
  "User-Agent: GitHub-Hookshot/bench",
  "Content-Type: application/json",
  `X-GitHub-Event: ${delivery.event}`,
  `X-Hub-Signature-256: sha256=${signature}`,
  `Content-Length: ${body.length}`,
].join("\r\n");

let left = Number(count);
const statuses: Record<string, number> = {};
const times: number[] = [];
const began = performance.now();
await Promise.all(Array.from({ length: Number(connections) }, lane));
const tookMs = performance.now() - began;
process.stdout.write(`${JSON.stringify({ tookMs, statuses, times: times.sort((a, b) => a - b) })}\n`);

/** One connection that sends until nothing is left. */
async function lane(): Promise<void> {
  const socket = connect({ host: hostname, port: Number(port), noDelay: true });
  await new Promise((resolve, reject) => socket.once("connect", resolve).once("error", reject));
  while (left > 0) {
    left -= 1;
    const at = performance.now();
    socket.cork();
    socket.write(`${head}\r\nX-GitHub-Delivery: ${randomUUID()}\r\n\r\n`);
    socket.write(body);
    socket.uncork();
    const status = await answer(socket);
    times.push(performance.now() - at);
    statuses[status] = (statuses[status] ?? 0) + 1;
  }
  socket.destroy();
}

/** The status of the next answer, read to its end. */
function answer(socket: Socket): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = "";
    const onData = (chunk: Buffer) => {
      text += chunk.toString("latin1");
      const end = text.indexOf("\r\n\r\n");
      if (end < 0) return;
      const length = Number(/content-length: (\d+)/iu.exec(text.slice(0, end))?.[1] ?? 0);
      const chunked = /transfer-encoding: chunked/iu.test(text.slice(0, end));
      if (chunked ? !text.endsWith("0\r\n\r\n") : text.length < end + 4 + length) return;
      socket.off("data", onData).off("close", onClose).off("error", onClose);
      resolve(text.slice(9, 12));
    };
    const onClose = () => reject(new Error(`the connection ended: ${text.slice(0, 200)}`));
    socket.on("data", onData).on("close", onClose).on("error", onClose);
  });
}
