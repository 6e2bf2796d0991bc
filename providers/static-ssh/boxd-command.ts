/**
 * The command that runs the newest boxd below `root` (relative to the home) with `args`; exit 97 when there is none.
 * Only for ending what runs there: starting tasks is not a provider's business.
 */
export function boxdCommand(root: string, args: readonly string[]): string {
  const script = [
    'cd "$HOME/$1" 2>/dev/null || exit 97',
    "program=$(ls -t boxd-*.mjs 2>/dev/null | head -n 1)",
    '[ -n "$program" ] && [ -x node ] || exit 97',
    "CRABBOX_ROOT=$PWD",
    "export CRABBOX_ROOT",
    "shift",
    'exec ./node "$program" "$@"',
  ].join("; ");
  return ["exec sh -c", quote(script), "sh", root, ...args]
    .map((word, at) => (at < 3 ? word : quote(word)))
    .join(" ");
}

function quote(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}
