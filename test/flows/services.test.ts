import { chmodSync } from "node:fs";
import { connect, createServer, type Server } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { docker, dockerMissing, startDocker } from "../servers/docker.ts";
import { makePlainUser, type PlainUser } from "../servers/plain-user.ts";
import { startSshd, type Sshd } from "../servers/sshd.ts";
import { freePort, openStage, type Stage } from "../servers/stage.ts";

const missing = dockerMissing();
const WITHIN_MS = 180_000;
const SERVER =
  "require('http').createServer((q, r) => r.end('the service answers')).listen(8080, () => require('fs').writeFileSync('/tmp/ready', ''))";

describe.skipIf(missing !== null)(`services of a set-up (${missing ?? "a real daemon"})`, () => {
  let stage: Stage;
  let sshd: Sshd;
  let user: PlainUser;
  let door: Server;
  let socket = "";
  let port = 0;

  beforeAll(async () => {
    const daemon = await startDocker();
    socket = daemon.socketPath;
    // Of a registry that refuses at once.
    const image = "127.0.0.1:1/crabbox-test/base:flow";
    docker(socket, ["tag", daemon.base, image]);
    port = await freePort();
    user = makePlainUser();
    sshd = await startSshd();
    const reached = join(sshd.dir, "docker.sock");
    door = createServer((client) => {
      const server = connect(socket);
      client.pipe(server).pipe(client);
      for (const end of [client, server]) end.on("error", () => [client, server].map((one) => one.destroy()));
    });
    await new Promise<void>((resolve) => door.listen(reached, resolve));
    chmodSync(reached, 0o666);
    const host = {
      name: "lab",
      host: "127.0.0.1",
      port: sshd.port,
      user: user.name,
      hostKey: sshd.hostKey,
      keyFile: sshd.keyFile,
      price: { usdPerHour: 0.1, asOf: "2026-11-01" },
    };
    stage = await openStage({
      settings: {
        providers: [{ kind: "static-ssh", name: "static-ssh", hosts: [host] }],
        defaults: { provider: "static-ssh" },
        env: { DOCKER_HOST: `unix://${reached}` },
      },
      files: {
        ".github/workflows/ci.yml": `on: push
jobs:
  hydrate:
    runs-on: ubuntu-latest
    services:
      web:
        image: ${image}
        ports: ["${port}:8080"]
        options: --entrypoint node --health-cmd "test -e /tmp/ready" --health-interval 1s --health-retries 60
        command: -e "${SERVER}"
    steps:
      - run: echo "the set-up ran"
      - run: npm test
`,
      },
    });
  }, WITHIN_MS);
  afterAll(async () => {
    await stage?.close();
    door?.close();
    await sshd?.stop();
    user?.remove();
  });

  test(
    "run beside the command; on a prepared box, too, which the check says",
    { timeout: WITHIN_MS },
    async () => {
      const ask = `/crabbox run -- curl --silent --fail http://127.0.0.1:${port}/`;
      const first = await stage.run(ask);
      expect(first.output.text).toContain("the set-up ran\n");
      expect(first.output.text).toContain("the service answers");
      expect(first.conclusion).toBe("success");

      const second = await stage.run(ask);
      expect(second.output.text).not.toContain("the set-up ran");
      expect(second.output.text).toContain("the service answers");
      expect(second.output.summary).toMatch(
        /^\| Set-up \| skipped: done on this box at .*; services started again: `web` \|/mu,
      );
      expect(second.conclusion).toBe("success");
      expect(docker(socket, ["ps", "--all", "--quiet", `--filter=publish=${port}`])).toBe("");
    },
  );
});
