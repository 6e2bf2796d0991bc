/** True for a path within a work tree as git writes it; a box may say anything. */
export function isTreePath(path: string): boolean {
  return (
    path !== "" &&
    !path.startsWith("/") &&
    !/[\p{Cc}\\]/u.test(path) &&
    path.split("/").every((part) => part !== "" && part !== "." && part !== "..")
  );
}
