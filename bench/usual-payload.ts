/** About what GitHub sends for a comment: 12 KB, most of it addresses. The comment holds no command. */
const URLS_OF_REPOSITORY = 46;
const URLS_OF_PERSON = 13;

/** A delivery as the loader sends it. */
export type BenchDelivery = { readonly event: string; readonly body: string };

/** `issue_comment.created`: nobody does anything with it. */
export function usualDelivery(): BenchDelivery {
  return { event: "issue_comment", body: JSON.stringify(payload("created")) };
}

/** A Re-run of another App's check: kept whole until a handler has looked at it. */
export function wantedDelivery(): BenchDelivery {
  const check = { id: 1, external_id: "", app: { id: 7 } };
  return { event: "check_run", body: JSON.stringify({ ...payload("rerequested"), check_run: check }) };
}

function payload(action: string): object {
  const person = (login: string, id: number) => ({
    login,
    id,
    node_id: "MDQ6VXNlcjE=",
    type: "User",
    site_admin: false,
    ...urls("user", `https://api.github.com/users/${login}`, URLS_OF_PERSON),
  });
  const now = "2025-01-01T12:00:00Z";
  return {
    action,
    issue: {
      ...urls("issue", "https://api.github.com/repos/acme/shop/issues/1", 8),
      id: 1,
      number: 1,
      title: "A change that says what it does",
      user: person("wanda", 2),
      labels: [],
      state: "open",
      created_at: now,
      updated_at: now,
      body: "What this changes, and why. ".repeat(30),
      pull_request: urls("pull", "https://api.github.com/repos/acme/shop/pulls/1", 4),
    },
    comment: {
      ...urls("comment", "https://api.github.com/repos/acme/shop/issues/comments/1", 3),
      id: 1,
      user: person("wanda", 2),
      created_at: now,
      updated_at: now,
      author_association: "MEMBER",
      body: "Looks good to me; one question about the second part. ".repeat(5),
      performed_via_github_app: null,
    },
    repository: {
      id: 3,
      node_id: "R_kgDOA",
      name: "shop",
      full_name: "acme/shop",
      private: true,
      default_branch: "main",
      owner: { ...person("acme", 4), type: "Organization" },
      ...urls("repository", "https://api.github.com/repos/acme/shop", URLS_OF_REPOSITORY),
    },
    organization: person("acme", 4),
    sender: person("wanda", 2),
    installation: { id: 5, node_id: "MDIzOkludGVncmF0aW9uSW5zdGFsbGF0aW9uNQ==" },
  };
}

function urls(kind: string, base: string, count: number): Record<string, string> {
  return Object.fromEntries(
    Array.from({ length: count }, (_, n) => [`${kind}_${n}_url`, `${base}/some/part${n}{/other}`]),
  );
}
