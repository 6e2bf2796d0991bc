import { timingSafeEqual } from "node:crypto";
import { readFileSync } from "node:fs";
import ssh2 from "ssh2";

import { runExec } from "./host-exec.ts";
import { localPaths, readBox } from "./files.ts";
import { loadKey } from "../keys.ts";

import type { BoxFiles } from "./files.ts";
import type { AuthContext, Connection, ParsedKey, Session } from "ssh2";

/** As OpenSSH's MaxSessions: the App needs a stream, a loaded channel and one for control. */
const MAX_SESSIONS = 10;
/** Boxes times the two connections the App keeps to each, with room for new ones before old ones are noticed. */
const MAX_CONNECTIONS = 512;
/** Who has not logged in by then is nobody of ours. */
const LOGIN_TIMEOUT_MS = 30_000;

export type HostServer = {
  readonly port: number;
  /** Connections logged in as this box. */
  connections(ref: string): number;
  /** Ends the connections of a box; what they started lives on. */
  drop(ref: string): void;
};

/**
 * The SSH server of all boxes on loopback: public key only, the App's one key, user name = box ref, exec and nothing
 * else. It never ends what it started. Port 0 takes a free one.
 */
export function startHostServer(dir: string, port: number): Promise<HostServer> {
  const paths = localPaths(dir);
  const appKey = loadKey(paths.clientKey);
  const open = new Map<string, Set<Connection>>();
  const server = new ssh2.Server({ hostKeys: [readFileSync(paths.hostKey)] }, (connection) => {
    let ref: string | null = null;
    // ssh2's types forget this method of a server's connection.
    (connection as Connection & { setNoDelay(on: boolean): void }).setNoDelay(true);
    const timer = setTimeout(() => connection.end(), LOGIN_TIMEOUT_MS);
    connection.on("error", () => connection.end());
    connection.on("authentication", (context) => {
      if (!isApp(context, appKey) || servedBox(dir, context.username) === null) context.reject(["publickey"]);
      else {
        ref = context.username;
        context.accept();
      }
    });
    connection.once("ready", () => {
      clearTimeout(timer);
      const box = ref ?? "";
      open.set(box, (open.get(box) ?? new Set()).add(connection));
      let sessions = 0;
      connection.on("session", (accept, reject) => {
        if (sessions >= MAX_SESSIONS) {
          reject();
          return;
        }
        sessions += 1;
        serve(accept(), dir, box, () => {
          sessions -= 1;
        });
      });
    });
    connection.once("close", () => {
      clearTimeout(timer);
      open.get(ref ?? "")?.delete(connection);
    });
  });
  server.maxConnections = MAX_CONNECTIONS;
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", () => {
      const bound = server.address();
      resolve({
        port: typeof bound === "object" && bound !== null ? bound.port : port,
        connections: (box) => open.get(box)?.size ?? 0,
        drop: (box) => {
          for (const connection of open.get(box) ?? []) connection.end();
        },
      });
    });
  });
}

function serve(session: Session, dir: string, ref: string, onEnd: () => void): void {
  session.once("close", onEnd);
  session.once("exec", (accept, reject, info) => {
    // Looked up again: this connection may have outlived its box, in whose place another one is by now.
    const box = servedBox(dir, ref);
    if (box === null) reject();
    else runExec(accept(), box.at, info.command);
  });
}

function servedBox(dir: string, ref: string): BoxFiles | null {
  const box = readBox(dir, ref);
  return box !== null && !box.destroying && box.closed === null ? box : null;
}

function isApp(context: AuthContext, key: ParsedKey): boolean {
  if (context.method !== "publickey") return false;
  const expected = key.getPublicSSH();
  if (context.key.data.length !== expected.length || !timingSafeEqual(context.key.data, expected))
    return false;
  // Without a signature the client only asks whether this key would do.
  if (context.signature === undefined || context.blob === undefined) return true;
  // ssh2 answers with an Error, not false, for a signature it cannot read, whatever its types say.
  const verified: unknown = key.verify(context.blob, context.signature, context.hashAlgo);
  return verified === true;
}
