import { dirname } from "node:path";

import { expect, test } from "vitest";

import {
  actionMounts,
  jobPaths,
  mountArgument,
  pathMap,
} from "../../../runner-bootstrap/boxd/steps/docker/paths.ts";
import { testHost } from "./test-host.ts";

test("paths are translated as GitHub's containers have them, both ways", () => {
  const host = testHost({ missing: "not asked" });
  host.remove();
  const { workspace, temp, toolCache, actions } = host.places;
  const job = jobPaths(host, "octo/app");
  const pairs = [
    [workspace, "/__w/app/app"],
    [dirname(workspace), "/__w/app"],
    [`${workspace}/src/a.ts`, "/__w/app/app/src/a.ts"],
    [`${temp}/x.sh`, "/__w/_temp/x.sh"],
    [`${temp}/_github_home/.npmrc`, "/github/home/.npmrc"],
    [`${temp}/_github_workflow/event.json`, "/github/workflow/event.json"],
    [`${toolCache}/node`, "/__t/node"],
    [`${actions}/a/dist/index.js`, "/__w/_actions/a/dist/index.js"],
  ] as const;
  for (const [outside, inside] of pairs) {
    expect(job.inside(outside)).toBe(inside);
    expect(job.outside(inside)).toBe(outside);
  }
  for (const text of ["", "/etc/passwd", `${workspace}-2`, `see ${workspace}`, `a:${workspace}`])
    expect(job.inside(text)).toBe(text);

  const action = pathMap(actionMounts(host));
  expect(action.inside(`${workspace}/x`)).toBe("/github/workspace/x");
  expect(action.inside(`${temp}/y`)).toBe("/github/runner_temp/y");
  expect(action.inside(`${host.places.files}/output`)).toBe("/github/file_commands/output");
});

test("a path with a comma or a quote stays one field of --mount", () => {
  expect(mountArgument({ host: '/a,readonly="b', inside: "/in", readOnly: true })).toBe(
    '--mount=type=bind,"source=/a,readonly=""b",target=/in,readonly',
  );
});

test("a repository's name that is no name is not made a path", () => {
  const host = testHost({ missing: "not asked" });
  host.remove();
  expect(jobPaths(host, "octo/..").inside(host.places.workspace)).toBe("/__w/work/work");
  expect(jobPaths(host, "octo/a,b").inside(host.places.workspace)).toBe("/__w/work/work");
});
