import { readArguments } from "./arguments.ts";
import { helpText } from "./help.ts";
import { runDemo } from "./run-demo.ts";
import { tellJson } from "./tell-json.ts";
import { tellPeople } from "./tell-people.ts";

/** Process entry of the demo: 0 went as told, 1 did not, 2 wrong options. */
const WRONG_OPTIONS = 2;

const read = readArguments(process.argv.slice(2), process.env);
// Ends after the last byte has left: a pipe may be slower than we are.
process.exit(await main());

async function main(): Promise<number> {
  switch (read.kind) {
    case "help":
      await print(helpText());
      return 0;
    case "wrong":
      process.stderr.write(`${read.message}\n${read.hint}\n`);
      return WRONG_OPTIONS;
    case "go": {
      // Whoever reads us may leave; the demo then still takes everything down.
      process.stdout.on("error", () => undefined);
      const { options } = read;
      const colours = process.stdout.isTTY && process.env["NO_COLOR"] === undefined;
      const write = (text: string): void => void process.stdout.write(text);
      const code = await runDemo(options, options.json ? tellJson(write) : tellPeople(write, colours));
      await print("");
      return code;
    }
  }
}

function print(text: string): Promise<void> {
  return new Promise((done) => {
    process.stdout.write(text, () => done());
  });
}
