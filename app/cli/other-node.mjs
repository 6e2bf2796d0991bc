// The CLI on the Node that is installed with the packages, for a machine whose own is another.
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { NODE } from "../../setup.mjs";

/** Runs the command there, with this program's arguments, and ends as it does. The packages are installed. */
export function runOnOtherNode() {
  const enter = fileURLToPath(new URL("enter.mjs", import.meta.url));
  const child = spawn(NODE, [enter, ...process.argv.slice(2)], { stdio: "inherit" });
  // A terminal's Ctrl-C reaches the child by itself, and it is the child that ends when it has tidied up.
  process.on("SIGINT", () => undefined);
  process.on("SIGTERM", () => child.kill("SIGTERM"));
  child.on("close", (code) => process.exit(code ?? 1));
}
