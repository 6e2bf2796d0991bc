import { join } from "node:path";
import { makePlainUser, type PlainUser } from "../servers/plain-user.ts";
import { startSshd, type Sshd, type SshdOptions } from "../servers/sshd.ts";
import { startTcpProxy, type TcpProxy } from "../servers/tcp-proxy.ts";
import { openScene, type Scene, type SceneOptions } from "./scene.ts";

export type HostScene = {
  readonly scene: Scene;
  readonly user: PlainUser;
  readonly sshd: Sshd;
  /** Between the App and sshd. */
  readonly proxy: TcpProxy;
  close(): Promise<void>;
};

/** A scene whose boxes are slots of a real OpenSSH server behind a proxy, its tasks those of a user without any right. */
export async function openHostScene(
  options: SshdOptions = {},
  sceneOptions: Pick<SceneOptions, "stateDisk"> = {},
): Promise<HostScene> {
  const user = makePlainUser();
  const sshd = await startSshd(options);
  const proxy = await startTcpProxy({ port: sshd.port });
  const host = {
    name: "lab",
    host: "127.0.0.1",
    port: proxy.port,
    user: user.name,
    hostKey: sshd.hostKey,
    keyFile: sshd.keyFile,
    price: { usdPerHour: 360, asOf: "2026-11-01" },
  };
  const scene = await openScene({
    ...sceneOptions,
    settings: {
      providers: [{ kind: "static-ssh", name: "static-ssh", hosts: [host] }],
      defaults: { provider: "static-ssh" },
    },
    taskRoots: [join(user.home, ".crabbox", "slots", "1", "root")],
  });
  return {
    scene,
    user,
    sshd,
    proxy,
    async close() {
      await scene.close();
      await proxy.stop();
      await sshd.stop();
      user.remove();
    },
  };
}
