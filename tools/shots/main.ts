// `npm run shots`: the pictures of README and docs, from a story that is really played.
import { HAS_CHROMIUM, launch } from "../../test/pages/chromium.ts";
import { DemoError } from "../../demo/demo-error.ts";
import { setStage } from "../../demo/stage.ts";
import type { Props, Stage } from "../../demo/stage.ts";
import { takeDown } from "../../demo/take-down.ts";
import { tellPeople } from "../../demo/tell-people.ts";
import { HELP, readShotOptions } from "./arguments.ts";
import type { ShotOptions } from "./arguments.ts";
import { createCamera } from "./camera.ts";
import { approvedPictures, endedPictures, heldPictures, runningPictures, VIEWER } from "./pictures.ts";
import { beginSetUp } from "./set-up.ts";
import { createTale } from "./tale.ts";

const WRONG_OPTIONS = 2;

process.exitCode = await main(process.argv.slice(2));

async function main(args: readonly string[]): Promise<number> {
  const read = readShotOptions(args);
  if (read.kind === "help") {
    process.stdout.write(HELP);
    return 0;
  }
  if (read.kind === "wrong") {
    process.stderr.write(`${read.message}\nnpm run shots -- --help lists the options.\n`);
    return WRONG_OPTIONS;
  }
  if (!HAS_CHROMIUM) {
    process.stderr.write(
      "There is no Chromium to take pictures with.\nInstall it (apt-get install chromium), or name one: CHROMIUM=/path npm run shots\n",
    );
    return 1;
  }
  return onStage(read.options);
}

/** Sets the demo's stage, plays, and takes it down whatever comes. */
async function onStage(options: ShotOptions): Promise<number> {
  const stop = new AbortController();
  const teller = tellPeople((text) => void process.stdout.write(text), false);
  const props: Props = { state: null, guard: null, github: null, app: null, ssh: null, docker: null };
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const)
    process.on(signal, () => stop.abort(new DemoError("Asked to end.", "Start again for the pictures.")));
  let stage: Stage | null = null;
  let failed = true;
  try {
    const nothing = { once: true, json: false, stateDir: null, githubRoot: null, source: null, ssh: null };
    stage = await setStage(
      { ...nothing, comments: [], env: {}, docker: options.docker },
      teller,
      props,
      (error) => stop.abort(error),
    );
    await shoot(options, stage, stop.signal, (path) => teller.tell("proof", path));
    if (options.docker === null)
      teller.tell("note", "The pictures of a fork need boxes that keep it apart: --provider docker.");
    failed = false;
  } catch (error) {
    const lines = error instanceof DemoError ? [error.message, error.hint, error.detail] : [String(error)];
    teller.tell("problem", lines.filter((line) => line !== "").join("\n"));
  } finally {
    await takeDown({ props, stage, teller, failed, isAsked: stop.signal.aborted });
  }
  return failed ? 1 : 0;
}

async function shoot(
  { to, every, docker }: ShotOptions,
  stage: Stage,
  signal: AbortSignal,
  tell: (path: string) => void,
): Promise<void> {
  const places = { githubUrl: stage.github.url, appUrl: stage.app.url, pull: stage.pull };
  const browser = await launch();
  try {
    const camera = createCamera({ browser, to, every, ...places, login: VIEWER, tell });
    const tale = createTale(stage, signal);
    const beginning = await tale.begin();
    // A directory beside others is not kept apart enough for a stranger's code: there is nothing to hold.
    if (docker !== null) {
      const held = await tale.hold();
      await camera.take(heldPictures(places, held));
      await tale.approve(held);
      await camera.take(approvedPictures(places, held));
    }
    const running = await tale.watch();
    await camera.take(runningPictures(places, running));
    await tale.end(running);
    await camera.take(endedPictures(places, beginning));
    const setUp = await beginSetUp(stage.state.dir, stage.github);
    try {
      await camera.take([{ name: "set-up", url: setUp.url, docs: { light: 520 } }]);
    } finally {
      await setUp.end();
    }
  } finally {
    await browser.close();
  }
}
