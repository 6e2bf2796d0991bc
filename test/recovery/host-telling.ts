import { expect } from "vitest";
import { until } from "../servers/until.ts";
import { imbalances } from "./books.ts";
import type { HostScene } from "./host-scene.ts";
import { judge } from "./sweep.ts";

/** Tells a story on a new pull request, whose App dies in it unless `disarm` answers null; answers what it died at. */
export async function tellOnHost(
  host: HostScene,
  story: { play(): Promise<void>; readonly tokens: readonly string[] },
  disarm: () => string | null,
): Promise<string | null> {
  const { scene } = host;
  await scene.openPull();
  await scene.quiet();
  const deaths = scene.keeper.deaths();
  await story.play();
  await scene.quiet();
  const struck = disarm();
  if (struck !== null) {
    await until(() => scene.keeper.deaths() > deaths && scene.keeper.up(), "the App to be up again");
    await scene.quiet();
  }
  const died = `deaths in ${story.tokens.join(", ")}`;
  expect(scene.keeper.deaths() - deaths, died).toBe(struck === null ? 0 : 1);
  for (const token of story.tokens) await judge(scene, token);
  return struck;
}

/** After the last story: the books balance, every journal was kept, nothing is left running. */
export async function endOnHost({ scene }: HostScene): Promise<void> {
  await scene.quiet();
  expect(imbalances(scene.stateDir)).toEqual([]);
  expect(scene.journals.kept()).toBe(scene.gate.tokens().length);
  await scene.keeper.stop();
  await scene.stage.app.end("SIGTERM");
  await until(() => scene.leftProcesses().length === 0, "nothing to be left running");
}
