/** Commands of one script that are looked at; a longer one is no set-up that a rule could judge. */
const MAX_COMMANDS = 200;
/** Longer commands are data; rules are asked of the start only. */
const MAX_COMMAND_CHARS = 200;
/** Words behind a wrapper that are tried as the program. */
const MAX_WORDS = 12;
/** Wrappers in front of a program, one in another. */
const MAX_WRAPPERS = 4;

const ASSIGNMENT = /^[A-Za-z_]\w*=(?:"[^"]*"|'[^']*'|\S*)\s+/u;
const KEYWORD =
  /^(?:if|then|else|elif|do|while|until|!|time|exec|command|sudo|env|nice|ionice|nohup|set\s+-\S+\s+&&)\s+(?:-\S+\s+)*/u;
/** What runs the program named somewhere behind it. */
const WRAPPER =
  /^(?:xvfb-run|dbus-run-session|unbuffer|script|retry|timeout|stdbuf|strace|valgrind|npx|pnpx|bunx|uvx|pipx\s+run|(?:npm|pnpm|yarn|bun)\s+(?:exec|dlx|x)|yarn\s+node|(?:uv|poetry|pipenv|pdm|hatch|rye|pixi|conda|micromamba|mamba)\s+run|bundle\s+exec|nix(?:\s+develop|-shell)|(?:docker|podman)\s+(?:exec|run)|docker[ -]compose\s+(?:exec|run)|wasm-pack|mise\s+(?:exec|x)|asdf\s+exec|opam\s+exec|corepack|arch)\s+/u;

/**
 * The commands of a shell script, each as the texts it can be read as, without comments, assignments, `sudo` and the like. `${{ env.CARGO }}` and `$CARGO` count
 * as the word `cargo`, because such names say what they hold. A wrapper (`uv run`, `bundle exec`) gives a reading for each word behind it.
 */
export function commandsOf(script: string): readonly (readonly string[])[] {
  const joined = named(script.replaceAll(/\\\r?\n/gu, " "));
  const lines = joined.split(/\r?\n|&&|\|\||[;|]|(?<=\s)&(?=\s|$)/u).slice(0, MAX_COMMANDS);
  return lines
    .map((line) => startsOf(line.slice(0, MAX_COMMAND_CHARS)))
    .filter((starts) => starts.length > 0);
}

function startsOf(line: string): readonly string[] {
  const bare = stripped(line.trim());
  if (
    bare === "" ||
    bare.startsWith("#") ||
    /^(?:echo|printf|cat|cd|export|which|ls|mkdir|cp|mv|rm|git|curl|wget|tar)\b/u.test(bare)
  )
    return [];
  const starts = [bare];
  let rest = bare;
  for (let depth = 0; depth < MAX_WRAPPERS; depth += 1) {
    const wrapper = WRAPPER.exec(rest)?.[0];
    if (wrapper === undefined) break;
    const words = rest.slice(wrapper.length);
    // Where a wrapper's own flags end is not known without its manual: each word is asked.
    for (const match of [...words.matchAll(/(?:^|\s)(?=[^-\s])/gu)].slice(0, MAX_WORDS))
      starts.push(stripped(words.slice(match.index).trim()));
    rest = stripped(words);
  }
  return starts.map(withoutFolder);
}

function stripped(command: string): string {
  let rest = command;
  for (let before = ""; before !== rest;) {
    before = rest;
    rest = rest
      .replace(/^[({\s]+/u, "")
      .replace(ASSIGNMENT, "")
      .replace(KEYWORD, "");
  }
  return rest;
}

function named(script: string): string {
  return script
    .replaceAll(/\$\{\{\s*env\.(\w+)\s*\}\}/gu, (_whole, name: string) => name.toLowerCase())
    .replaceAll(/\$\{\{.*?\}\}/gu, "X")
    .replaceAll(/"?\$\{?([A-Z]\w*)\}?"?/gu, (_whole, name: string) => name.toLowerCase());
}

/** `./gradlew`, `vendor/bin/phpunit`, `node_modules/.bin/jest`: the program's name is what counts. */
function withoutFolder(command: string): string {
  return command.replace(/^(?:\.\/|(?:[\w.-]*\/)*(?:vendor\/bin|node_modules\/\.bin|bin)\/)(?=[a-z])/u, "");
}
