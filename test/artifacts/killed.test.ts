import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { audit } from "../recovery/books.ts";
import { openStage, type Stage } from "../servers/stage.ts";
import { until } from "../servers/until.ts";
import { contentOf } from "./room.ts";

let stage: Stage;
beforeAll(async () => {
  stage = await openStage({ files: { ".github/crabbox.yml": "artifacts: [out]\n" } });
});
afterAll(() => stage.close());

const names = () => audit(stage.app.stateDir, "select name from artifact").map(({ name }) => name);

test("what the box kept while the App was dead is there after the next one, served as download", async () => {
  const { app } = stage;
  const wait = "for i in $(seq 1200); do [ -e gate ] && break; sleep 0.05; done";
  await stage.comment(`/crabbox run -- mkdir out; : > waits; ${wait}; echo late > out/late.txt`);
  const boxes = join(app.stateDir, "local", "boxes");
  const roots = () => (existsSync(boxes) ? readdirSync(boxes) : []).map((box) => join(boxes, box, "root"));
  const tree = await until(
    () =>
      roots()
        .map((root) => join(root, "work", "acme", "shop"))
        .find((at) => existsSync(join(at, "waits"))),
    "the command",
  );
  await app.end("SIGKILL");
  writeFileSync(join(tree, "gate"), "");
  const { sha256 } = contentOf("late\n");
  await until(
    () => roots().some((root) => existsSync(join(root, "artifacts", sha256))),
    "the file on the box",
  );
  expect(names()).toEqual([]);
  await app.start();
  const check = await until(
    async () =>
      (await stage.checks()).find(({ name, status }) => name.includes("waits") && status === "completed"),
    "the run to be ended by the next App",
  );
  expect(check.conclusion).toBe("success");
  expect(names()).toEqual(["out/late.txt"]);
  const url = /\]\((\S+\/artifacts\/\d+)\)/u.exec(check.output.summary ?? "")?.[1] ?? "";
  const file = await fetch(url);
  expect(await file.text()).toBe("late\n");
  // The settings name no other origin.
  expect(new URL(file.url).origin).toBe(new URL(url).origin);
  expect(file.headers.get("content-type")).toBe("application/octet-stream");
  expect(file.headers.get("content-disposition")).toContain("attachment; ");
  expect(file.headers.get("content-security-policy")).toContain("sandbox");
});
