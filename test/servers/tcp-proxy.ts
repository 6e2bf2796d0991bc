import { connect, createServer } from "node:net";

import type { AddressInfo, Socket } from "node:net";

export type TcpProxy = {
  readonly port: number;
  /** Connections open now. */
  readonly open: number;
  /** Connections ever accepted. */
  readonly accepted: number;
  /** Bytes handed to clients so far, all connections together. */
  readonly bytesDown: number;
  /** Breaks every open connection (RST, as a lost network does); new ones are served. */
  cut(): void;
  /** Breaks the connection that hands out the byte that makes `bytesDown` reach `total`; once. */
  cutAt(total: number): void;
  /** Calls `act` once, right before the byte that makes `bytesDown` reach `total` is handed out. */
  reach(total: number, act: () => void): void;
  /** While true nothing is passed on either way, though connections stay open. */
  freeze(frozen: boolean): void;
  /** While true new connections are broken at once. */
  refuse(refused: boolean): void;
  stop(): Promise<void>;
};

export type TcpProxyOptions = {
  readonly host?: string;
  readonly port: number;
  /** Where it listens itself; loopback when absent. */
  readonly listenHost?: string;
  /** Added each way, in ms; half a round trip. */
  readonly delayMs?: number;
};

/** A TCP proxy on a free loopback port that delays, freezes and cuts: a bad network for tests and benches. */
export async function startTcpProxy(target: TcpProxyOptions): Promise<TcpProxy> {
  const sockets = new Set<Socket>();
  const waiting = new Set<() => void>();
  let accepted = 0;
  let bytesDown = 0;
  let reachTotal = Number.POSITIVE_INFINITY;
  let reached = () => undefined as void;
  let frozen = false;
  let refused = false;

  const cut = () => {
    for (const socket of sockets) socket.resetAndDestroy();
  };
  const reach = (total: number, act: () => void) => {
    reachTotal = total;
    reached = act;
  };
  const count = (bytes: number) => {
    bytesDown += bytes;
    if (bytesDown < reachTotal) return;
    reachTotal = Number.POSITIVE_INFINITY;
    reached();
  };
  const pump = (from: Socket, to: Socket, down: boolean) => {
    from.on("data", (chunk: Buffer) => {
      const deliver = () => {
        if (frozen) {
          waiting.add(deliver);
          from.pause();
          return;
        }
        if (down) count(chunk.length);
        if (!to.destroyed && !to.write(chunk)) {
          from.pause();
          to.once("drain", () => from.resume());
        }
      };
      if (target.delayMs === undefined) deliver();
      else setTimeout(deliver, target.delayMs);
    });
    from.on("end", () => setTimeout(() => to.end(), target.delayMs ?? 0));
    from.on("error", () => to.destroy());
    from.on("close", () => {
      sockets.delete(from);
      to.destroy();
    });
  };
  const server = createServer({ noDelay: true, allowHalfOpen: true }, (client) => {
    accepted += 1;
    if (refused) {
      client.resetAndDestroy();
      return;
    }
    const upstream = connect({
      host: target.host ?? "127.0.0.1",
      port: target.port,
      noDelay: true,
      allowHalfOpen: true,
    });
    sockets.add(client).add(upstream);
    pump(client, upstream, false);
    pump(upstream, client, true);
  });
  await new Promise<void>((resolve) => server.listen(0, target.listenHost ?? "127.0.0.1", resolve));

  return {
    port: (server.address() as AddressInfo).port,
    get open() {
      return sockets.size / 2;
    },
    get accepted() {
      return accepted;
    },
    get bytesDown() {
      return bytesDown;
    },
    cut,
    cutAt: (total) => reach(total, cut),
    reach,
    freeze: (next) => {
      frozen = next;
      if (next) return;
      const delivers = [...waiting];
      waiting.clear();
      for (const deliver of delivers) deliver();
      for (const socket of sockets) socket.resume();
    },
    refuse: (next) => {
      refused = next;
    },
    stop: async () => {
      cut();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
