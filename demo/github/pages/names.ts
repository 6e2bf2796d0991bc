/** Git takes longer ones; nobody types them. */
const NAME_LIMIT = 200;
const PART = /^[\w .+@()#=,-]+$/;

/** What is wrong with the name of a file to write; null when nothing is. */
export function wrongFile(path: string): string | null {
  return isPlain(path) ? null : "A file's name is letters, digits and . _ - between slashes.";
}

/** What is wrong with the name of a branch to make; null when nothing is. */
export function wrongBranch(name: string): string | null {
  const isRef =
    isPlain(name) && !/\s|@\{|\.\.|\.lock(?:\/|$)|\.(?:\/|$)|(?:^|\/)[.-]/.test(name) && name !== "HEAD";
  return isRef ? null : "A branch's name is letters, digits and . _ - between slashes.";
}

function isPlain(path: string): boolean {
  const parts = path.split("/");
  const isNever = (part: string): boolean => part === "." || part === ".." || part.toLowerCase() === ".git";
  return (
    path.length <= NAME_LIMIT &&
    parts.every((part) => PART.test(part) && part.trim() !== "" && !isNever(part))
  );
}
