import { gitEnvironment } from "../../git-environment.ts";

/** One short question, asked after git has waited already. */
const ASK_TIMEOUT_MS = 5_000;
const TOO_MANY = 429;
const PROXY = /^(?:https?|all)_proxy$/iu;

/**
 * Whether the server answers about a repository at all, be it with a no: only then a failure of git is no fault of the network. git's exit
 * code does not tell the two apart. True where it cannot be asked this way: not by HTTP, or through a proxy that only git knows.
 */
export async function isReached(url: string): Promise<boolean> {
  const isAsked = /^https?:/u.test(url) && !Object.keys(gitEnvironment()).some((name) => PROXY.test(name));
  if (!isAsked) return true;
  try {
    // oxlint-disable-next-line no-restricted-globals -- has its deadline; nothing but the status is read
    const response = await fetch(`${url}/info/refs?service=git-upload-pack`, {
      redirect: "manual",
      signal: AbortSignal.timeout(ASK_TIMEOUT_MS),
    });
    await response.body?.cancel();
    return response.status < 500 && response.status !== TOO_MANY;
  } catch {
    // Whatever it was, nothing was answered.
    return false;
  }
}
