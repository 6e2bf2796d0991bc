/** What git needs to find itself, its configuration and the network; nothing that the App keeps secret is among it. */
const PASSED =
  /^(?:PATH|HOME|USER|LANG|TMPDIR|XDG_CONFIG_HOME|(?:https?|all|no)_proxy|SSL_CERT_(?:FILE|DIR)|GIT_SSL_CAINFO|CURL_CA_BUNDLE|GIT_CONFIG_(?:COUNT|KEY_\d+|VALUE_\d+))$/iu;

/** The environment that git is started with on the App's own machine: of ours only what it needs, and no prompts. */
export function gitEnvironment(): Record<string, string> {
  const passed = Object.entries(process.env).filter(
    (entry): entry is [string, string] => entry[1] !== undefined && PASSED.test(entry[0]),
  );
  return { ...Object.fromEntries(passed), GIT_TERMINAL_PROMPT: "0" };
}
