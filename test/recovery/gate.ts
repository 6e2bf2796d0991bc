import { createServer, type Socket } from "node:net";
import type { AddressInfo } from "node:net";
import { until } from "../servers/until.ts";

export type Gate = {
  readonly port: number;
  /** A line for `bash -c` that tells the gate its token once, prints it, and waits for the exit code it shall end with. */
  command(token: string, output?: string): string;
  /** How often a command with this token has begun, ever. */
  begun(token: string): number;
  /** Tokens that ever began. */
  tokens(): readonly string[];
  /** Waits until the command has begun. */
  reached(token: string): Promise<void>;
  /** Lets all commands of the token that wait, and those that come, end with this code. */
  open(token: string, code: number): void;
  close(): Promise<void>;
};

/**
 * Counts what commands really did: each one connects here as its one side effect, outside of any box, and waits to be let go. So a
 * command that ran twice is seen, whatever the App says about it.
 */
export async function openGate(): Promise<Gate> {
  const counts = new Map<string, number>();
  const waiting = new Map<string, Socket[]>();
  const codes = new Map<string, number>();
  const sockets = new Set<Socket>();

  const letGo = (token: string) => {
    const code = codes.get(token);
    if (code === undefined) return;
    for (const socket of waiting.get(token) ?? []) socket.end(`${code}\n`);
    waiting.delete(token);
  };
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    // A killed command breaks its connection; that is its business.
    socket.on("error", () => socket.destroy());
    let text = "";
    socket.on("data", (chunk: Buffer) => {
      text += chunk.toString("utf8");
      const end = text.indexOf("\n");
      if (end < 0) return;
      const token = text.slice(0, end);
      text = "";
      counts.set(token, (counts.get(token) ?? 0) + 1);
      waiting.set(token, [...(waiting.get(token) ?? []), socket]);
      letGo(token);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;

  return {
    port,
    command: (token, output = "true") =>
      `t=${token}; exec 3<>/dev/tcp/127.0.0.1/${port}; echo "$t" >&3; echo "begun $t"; ${output}; read -r code <&3; echo "ended $t"; exit "\${code:-99}"`,
    begun: (token) => counts.get(token) ?? 0,
    tokens: () => [...counts.keys()],
    async reached(token) {
      await until(() => counts.has(token), `command ${token} to begin`);
    },
    open(token, code) {
      codes.set(token, code);
      letGo(token);
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
