import { appendFileSync, mkdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { startApp } from "./app-process.ts";
import type { AppProcess } from "./app-process.ts";
import { hasBubblewrap, localBoxesDir, writeAppSettings } from "./app-settings.ts";
import type { DemoOptions } from "./arguments.ts";
import { DemoError } from "./demo-error.ts";
import { launchGitHub } from "./github/launch.ts";
import type { GitHub } from "./github/launch.ts";
import { awaitEarlierGuard, startGuard } from "./guard.ts";
import type { Guard } from "./guard.ts";
import { demandFree, freePort } from "./ports.ts";
import { openSamplePull, openSourcePull, sampleName } from "./pull-request.ts";
import type { PullRequest } from "./pull-request.ts";
import { openSource } from "./source.ts";
import { meetDocker } from "./docker-host.ts";
import type { DockerHost } from "./docker-host.ts";
import { meetHost } from "./ssh-host.ts";
import type { KnownHost } from "./ssh-host.ts";
import { openState } from "./state.ts";
import type { Memory, State } from "./state.ts";
import { ANY_COMMANDS, sampleCommands, suggestions } from "./story/commands.ts";
import type { Teller } from "./teller.ts";

const WEBHOOK_PATH = "/api/github/webhooks";
const LOGIN_CALLBACK_PATH = "/login/callback";

/** Everything that is up: two processes, and a pull request between them. */
export type Stage = {
  readonly state: State;
  readonly github: GitHub;
  readonly app: AppProcess;
  readonly pull: PullRequest;
  readonly pullUrl: string;
  readonly memory: Memory;
  /** Null: boxes are no containers. */
  readonly docker: DockerHost | null;
};

/** What is up so far, so that it can be taken down from any point. */
export type Props = {
  state: State | null;
  guard: Guard | null;
  github: GitHub | null;
  app: AppProcess | null;
  ssh: KnownHost | null;
  docker: DockerHost | null;
};

/** Sets everything up, or goes on with what the state directory holds. Fills `props` as it goes. */
export async function setStage(
  options: DemoOptions,
  teller: Teller,
  props: Props,
  fail: (error: unknown) => void,
): Promise<Stage> {
  const source =
    options.source === null ? null : await openSource({ ...options.source, githubRoot: options.githubRoot });
  if (source?.note !== null && source !== null) teller.tell("note", source.note);
  demandDirectory(options.githubRoot);
  const state = openState(options.stateDir);
  props.state = state;
  const ssh = options.ssh === null ? null : await meetHost(options.ssh, state);
  props.ssh = ssh;
  const docker =
    options.docker === null
      ? null
      : await meetDocker(options.docker.base, state.dir, (text) => teller.tell("note", text));
  props.docker = docker;
  await awaitEarlierGuard(state.dir);
  const guard = startGuard(state.dir, { dir: localBoxesDir(state), docker }, state.temporary);
  props.guard = guard;

  const before = state.memory();
  const ports = await choosePorts(before);
  const github = await startGitHub(options, state, ports, { ssh, docker });
  props.github = github;
  guard.watch(github.pid);
  teller.tell("note", "An offline GitHub answers at", { url: github.url });

  const hasNpm = docker?.base.hasNpm ?? true;
  const from = source === null ? sampleName(hasNpm) : `${source.gitDir} ${source.headSha} ${source.baseSha}`;
  if (before?.pull !== null && before !== null && before.pull.from !== from)
    throw new DemoError(
      `The state directory ${state.dir} holds another pull request.`,
      "Use the same --repo, --head and --base as before, or another --state.",
    );
  const account = before?.pull?.repo.split("/")[0] ?? source?.owner ?? "harbour";
  const url = `http://127.0.0.1:${ports.appPort}`;
  const app = await startApp({
    url,
    env: writeAppSettings({
      state,
      github,
      port: ports.appPort,
      account,
      env: options.env,
      ssh,
      docker,
      oneAtATime: options.comments === null,
    }),
    logFile: state.appLog,
    watch: guard.watch,
    onEnded: (how) =>
      teller.tell("problem", `The App ended (${how}). It is started again; what runs on a box goes on.`),
    onFailed: fail,
  });
  props.app = app;
  teller.tell("note", "The App answers at", { url, log: state.appLog, pid: app.pid() });
  teller.tell("note", boxesText(ssh, docker));

  await github.control.updateApp({
    webhookUrl: `${url}${WEBHOOK_PATH}`,
    callbackUrls: [`${url}${LOGIN_CALLBACK_PATH}`],
  });
  await github.control.settings({
    suggestions: suggestions(source === null ? sampleCommands(hasNpm) : ANY_COMMANDS),
  });
  const pull =
    before?.pull ??
    (await (source === null
      ? openSamplePull(github.control, hasNpm)
      : openSourcePull(github.control, source)));
  const memory: Memory = { v: 1, ...ports, pull: { ...pull, from }, session: before?.session ?? null };
  state.remember(memory);
  return {
    state,
    github,
    app,
    pull,
    pullUrl: `${github.url}/${pull.repo}/pull/${pull.number}`,
    memory,
    docker,
  };
}

function demandDirectory(githubRoot: string | null): void {
  if (githubRoot === null || statSync(githubRoot, { throwIfNoEntry: false })?.isDirectory() === true) return;
  throw new DemoError(
    `--github-root ${githubRoot} is no directory.`,
    "It holds bare repositories: DIR/OWNER/NAME.git",
  );
}

async function choosePorts(before: Memory | null): Promise<{ githubPort: number; appPort: number }> {
  if (before === null) return { githubPort: await freePort(), appPort: await freePort() };
  const { githubPort, appPort } = before;
  await demandFree(githubPort, "the offline GitHub");
  await demandFree(appPort, "the App");
  return { githubPort, appPort };
}

async function startGitHub(
  options: DemoOptions,
  state: State,
  { githubPort, appPort }: { githubPort: number; appPort: number },
  { ssh, docker }: Pick<Props, "ssh" | "docker">,
): Promise<GitHub> {
  mkdirSync(state.githubDir, { recursive: true, mode: 0o700 });
  const log = join(state.dir, "github.log");
  // A host elsewhere fetches over the network; a box on this machine does not need to.
  const isFar = ssh !== null && !["127.0.0.1", "::1"].includes(ssh.ourAddress);
  const shown = isFar && ssh.ourAddress.includes(":") ? `[${ssh.ourAddress}]` : ssh?.ourAddress;
  try {
    return await launchGitHub({
      stateDir: state.githubDir,
      port: githubPort,
      appName: "Crabbox",
      webhookUrl: `http://127.0.0.1:${appPort}${WEBHOOK_PATH}`,
      onLine: (line) => appendFileSync(log, `${line}\n`),
      ...(docker === null ? {} : { host: docker.address }),
      ...(isFar ? { host: "0.0.0.0", publicUrl: `http://${shown}:${githubPort}` } : {}),
      ...(options.githubRoot === null ? {} : { githubRoot: options.githubRoot }),
    });
  } catch (cause) {
    throw new DemoError("The offline GitHub did not start.", `Its log is ${log}`, String(cause));
  }
}

function boxesText(ssh: KnownHost | null, docker: DockerHost | null): string {
  if (docker !== null)
    return `Boxes are containers of this machine's Docker. The first start makes their image, which takes minutes; the first run waits for it.${docker.base.hasNpm ? "" : ` ${docker.base.name} has no npm (with Node 20 or newer), so the story makes do with git and a shell.`}`;
  if (ssh === null)
    return hasBubblewrap()
      ? "Boxes are directories on this machine; bubblewrap keeps what runs there apart."
      : "Boxes are directories on this machine. There is no working bubblewrap here, so commands run as you, with nothing in between: the demo allows that, a server would refuse.";
  const pinned = ssh.isNew ? "its key, seen for the first time and pinned now, is" : "its key is";
  const far =
    ssh.ourAddress === "127.0.0.1" || ssh.ourAddress === "::1"
      ? ""
      : ` It fetches from this machine at ${ssh.ourAddress}.`;
  return `The box is ${ssh.user}@${ssh.host}:${ssh.port}; ${pinned} ${ssh.hostKey}.${far}`;
}
