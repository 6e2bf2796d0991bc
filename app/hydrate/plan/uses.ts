/** What stands behind `uses:` of a step. */
export type Use =
  | { readonly kind: "image"; readonly image: string }
  /** A directory of the workspace. */
  | { readonly kind: "local"; readonly path: string }
  /** A directory of the repository the file with this `uses:` comes from, at that file's commit (`$/`). */
  | { readonly kind: "self"; readonly path: string }
  | { readonly kind: "remote"; readonly nwo: string; readonly path: string; readonly ref: string }
  | { readonly kind: "fault"; readonly reason: string };

/** Longer ones are nobody's. */
const MAX_USES_CHARS = 500;

/** Reads a `uses:`; a fault's reason is a half sentence. Forms: actions/runner PipelineTemplateConverter.cs, ConvertToStepReference. */
export function parseUses(uses: string): Use {
  if (uses.length > MAX_USES_CHARS) return { kind: "fault", reason: "is too long for a reference" };
  if (uses.includes("${{")) return { kind: "fault", reason: "may not hold an expression" };
  if (uses.startsWith("docker://")) {
    if (uses.length === "docker://".length) return { kind: "fault", reason: "names no image" };
    return { kind: "image", image: uses };
  }
  if (/^\.[/\\]/u.test(uses) || uses === ".") return inTree("local", uses.slice(2));
  if (uses.startsWith("$/")) return inTree("self", uses.slice(2));
  const at = uses.lastIndexOf("@");
  if (at < 1 || at === uses.length - 1)
    return { kind: "fault", reason: "needs a ref, as in OWNER/REPOSITORY@REF" };
  const [owner = "", name = "", ...rest] = uses.slice(0, at).split(/[/\\]/u);
  if (owner === "" || name === "") return { kind: "fault", reason: "is no OWNER/REPOSITORY@REF" };
  const path = cleanPath(rest.join("/"));
  if (path === null) return { kind: "fault", reason: "leaves its repository" };
  return { kind: "remote", nwo: `${owner}/${name}`, path, ref: uses.slice(at + 1) };
}

function inTree(kind: "local" | "self", written: string): Use {
  const path = cleanPath(written);
  return path === null ? { kind: "fault", reason: "leaves its repository" } : { kind, path };
}

/** A path without `.` and `..`; null when it leads out. */
function cleanPath(path: string): string | null {
  const names: string[] = [];
  for (const name of path.split(/[/\\]/u)) {
    if (name === "" || name === ".") continue;
    if (name !== "..") names.push(name);
    else if (names.pop() === undefined) return null;
  }
  return names.join("/");
}
