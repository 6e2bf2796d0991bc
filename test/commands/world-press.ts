import { press, type Pressed } from "../../app/commands/press.ts";
import type { Run } from "../../app/store/rows.ts";
import { REPOSITORY, type World } from "./world.ts";

let presses = 0;

/** Somebody presses a button of a run's check; each press is a delivery of its own unless its GUID is given. */
export function pressAs(
  world: World,
  run: Run,
  identifier: string,
  by: { readonly id: number; readonly login: string; readonly type?: string } = { id: 33, login: "mona" },
  guid = `press-${presses++}`,
): Promise<Pressed> {
  return press(world.deps, {
    guid,
    installationId: 70,
    repository: REPOSITORY,
    sender: { type: "User", ...by, viaAppId: null },
    run,
    identifier,
  });
}
