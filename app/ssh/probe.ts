import { shellCommand } from "./quote.ts";
import { ROOT } from "./programs.ts";

/** What a box without boxd says of itself; hostile like anything it says, so it only chooses what to try. */
export type BoxProbe = {
  readonly system: string;
  readonly machine: string;
  /** `2.36`; null where the libc is another. */
  readonly glibc: string | null;
  /** A package manager that runs by sudo without a password. */
  readonly packages: string | null;
  readonly nodes: readonly { readonly path: string; readonly version: string; readonly major: number }[];
};

/** Candidates listed at most. */
const NODES_MAX = 20;
const PACKAGE_MANAGERS = ["apt-get", "dnf", "apk", "zypper", "pacman"] as const;

/** Makes the root and says what is there. `own`: where the App's Node would be, were the box the App's machine. */
export function probeCommand(root: string, own: string): string {
  const script = [
    ROOT,
    'mkdir -p "$r" && chmod 700 "$r" || exit 1',
    'echo "system $(uname -s)"',
    'echo "machine $(uname -m)"',
    'echo "glibc $(getconf GNU_LIBC_VERSION 2>/dev/null | cut -d " " -f 2)"',
    "unset NODE_OPTIONS",
    'for n in "$2" "$(command -v node)" "$(command -v nodejs)" /usr/local/bin/node /opt/node*/bin/node "$HOME"/.nvm/versions/node/*/bin/node; do [ -x "$n" ] && [ -f "$n" ] && echo "node $("$n" --version 2>/dev/null || echo none) $n"; done',
    `for m in ${PACKAGE_MANAGERS.join(" ")}; do command -v "$m" >/dev/null && sudo -n true 2>/dev/null && echo "packages $m"; done`,
    "exit 0",
  ].join("; ");
  return shellCommand(script, [root, own]);
}

/** Reads the probe's lines; what does not fit is left out. */
export function parseProbe(text: string): BoxProbe {
  const lines = text.split("\n").map((line) => line.trim());
  const one = (name: string): string | null => {
    const line = lines.find((candidate) => candidate.startsWith(`${name} `));
    return line === undefined ? null : line.slice(name.length + 1, name.length + 65);
  };
  const nodes = lines.slice(0, NODES_MAX + PACKAGE_MANAGERS.length).flatMap((line) => {
    const [, version, major, path] =
      /^node (v(\d{1,3})\.\d{1,4}\.\d{1,4}\S*) (\/.{1,4096})$/.exec(line) ?? [];
    if (version === undefined || major === undefined || path === undefined) return [];
    return [{ path, version, major: Number(major) }];
  });
  const packages = PACKAGE_MANAGERS.find((manager) => lines.includes(`packages ${manager}`)) ?? null;
  const glibc = one("glibc");
  return {
    system: one("system") ?? "unknown",
    machine: one("machine") ?? "unknown",
    glibc: glibc !== null && /^\d{1,3}\.\d{1,3}/.test(glibc) ? glibc : null,
    packages,
    nodes,
  };
}
