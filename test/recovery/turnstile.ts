import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Socket } from "node:net";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

export type Turnstile = {
  /** For sshd's ForceCommand. */
  readonly program: string;
  /** From now on: what happens when the nth command comes, or when it is done and not yet answered. */
  arm(at: { readonly n: number; readonly when: "before" | "after" }, strike: () => void): void;
  /** Takes the strike back; answers the command it came at, null when it never came. */
  disarm(): string | null;
  /** Commands since `arm`. */
  seen(): number;
  close(): Promise<void>;
};

/**
 * Every command that a host runs for the App passes here, one after the other, before it begins and after it is done: what an SSH proxy
 * cannot see, because it is inside the encryption. Works for hosts' users without any right over the App.
 */
export async function openTurnstile(): Promise<Turnstile> {
  const dir = mkdtempSync(join(tmpdir(), "cbx-turnstile-"));
  const sockets = new Set<Socket>();
  let armed: { n: number; when: string; strike: () => void } | null = null;
  let seen = 0;
  let struck: string | null = null;

  const pass = (line: string) => {
    const [when = "", nth = "", ...command] = line.split(" ");
    let n = Number(nth);
    if (when === "before") n = seen += 1;
    if (armed !== null && struck === null && armed.when === when && armed.n === n) {
      struck = command.join(" ");
      armed.strike();
    }
    return n;
  };
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket)).on("error", () => socket.destroy());
    let text = "";
    socket.on("data", (chunk: Buffer) => {
      text += chunk.toString("utf8");
      const end = text.indexOf("\n");
      if (end >= 0) socket.end(`${pass(text.slice(0, end))}\n`);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const program = join(dir, "pass");
  chmodSync(dir, 0o755);
  writeFileSync(program, script(port), { mode: 0o755 });

  return {
    program,
    arm(at, strike) {
      seen = 0;
      struck = null;
      armed = { ...at, strike };
    },
    disarm() {
      armed = null;
      return struck;
    },
    seen: () => seen,
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

function script(port: number): string {
  return `#!/bin/bash
tell() {
  exec 8<>/dev/tcp/127.0.0.1/${port} || return 0
  head=\${SSH_ORIGINAL_COMMAND:0:200}
  printf '%s %s %s\\n' "$1" "$2" "\${head//$'\\n'/ }" >&8
  read -r number <&8
  exec 8>&-
}
tell before 0
bash -c "$SSH_ORIGINAL_COMMAND"
code=$?
tell after "$number"
exit "$code"
`;
}
