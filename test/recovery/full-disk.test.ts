import { statfsSync } from "node:fs";
import { expect, test } from "vitest";
import { until } from "../servers/until.ts";
import { mountSmallDisk } from "../store/small-disk.ts";
import { completed } from "./chapters.ts";
import { openHostScene } from "./host-scene.ts";

const OUTPUT = "head -c 30000000 /dev/urandom | base64";

test("the App's disk is full while a command talks: nothing is lost once there is space (root only)", async ({
  skip,
}) => {
  const disk = mountSmallDisk("24M");
  if (disk === null) return skip("a file system of its own cannot be mounted here");
  const host = await openHostScene({}, { stateDisk: disk.dir });
  try {
    const { scene } = host;
    await scene.comment(`/crabbox run -- ${scene.gate.command("much", OUTPUT)}`);
    await scene.gate.reached("much");
    scene.journals.keep();
    scene.gate.open("much", 0);
    await until(() => statfsSync(disk.dir).bavail < 16, "the disk to be full");
    disk.remount("size=200M");
    await completed(scene, "much", "success");
    expect(scene.gate.begun("much")).toBe(1);
    expect(scene.journals.differences()).toEqual([]);
    expect(scene.keeper.deaths()).toBe(0);
  } finally {
    await host.close();
    disk.unmount();
  }
});
