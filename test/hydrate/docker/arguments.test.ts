import { expect, test } from "vitest";

import { splitArguments } from "../../../runner-bootstrap/boxd/steps/docker/arguments.ts";

test.each([
  ["", []],
  [" \t ", []],
  ["--cpus 1  --memory=1g", ["--cpus", "1", "--memory=1g"]],
  [
    '--health-cmd "redis-cli ping" --health-interval 1s',
    ["--health-cmd", "redis-cli ping", "--health-interval", "1s"],
  ],
  ['--health-cmd="pg_isready -U \\"me\\""', ['--health-cmd=pg_isready -U "me"']],
  ['"a ""b"" c" ""', ['a "b" c', ""]],
  ['-v C:\\dir\\x \\\\"q\\\\\\"r"', ["-v", "C:\\dir\\x", '\\q\\"r']],
  ["it's $(not) `a` ;shell|here", ["it's", "$(not)", "`a`", ";shell|here"]],
  ["one\ntwo", ["one\ntwo"]],
  ['never "closed here', ["never", "closed here"]],
])("%j", (text, expected) => {
  expect(splitArguments(text)).toEqual(expected);
});
