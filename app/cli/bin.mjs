#!/usr/bin/env node
// `npx crabbox-app`: installs when needed, then runs the TypeScript CLI on Node 24: this one, or the one that is installed. What a short
// job does not need is imported only where it is used: 5 ms.
import { keptCode } from "./kept-code.mjs";

const hasNode24 = process.versions.node.startsWith("24.");
// What is kept was made of what is installed, and of the same lock.
if (process.argv[2] !== "job" || keptCode() === null) {
  const { ensureInstalled } = await import("../../setup.mjs");
  await ensureInstalled({ dev: false });
}
if (hasNode24) await import("./enter.mjs");
else {
  const { runOnOtherNode } = await import("./other-node.mjs");
  runOnOtherNode();
}
