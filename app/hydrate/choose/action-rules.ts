import type { ActionRule } from "./rule.ts";

/** By `uses`, first match counts. */
export const ACTION_RULES: readonly ActionRule[] = [
  {
    purpose: "test",
    label: "cypress, unity and android test runners, act on a test matrix",
    pattern:
      /^(?:cypress-io\/github-action|game-ci\/unity-test-runner|reactivecircus\/android-emulator-runner|jlumbroso\/free-test|php-actions\/phpunit|vmactions\/|nwtgck\/)/iu,
  },
  {
    purpose: "release",
    label: "release and publish actions",
    pattern:
      /^(?:goreleaser\/goreleaser-action|softprops\/action-gh-release|ncipollo\/release-action|actions\/create-release|svenstaro\/upload-release-action|pypa\/gh-action-pypi-publish|pypa\/cibuildwheel|pyo3\/maturin-action|js-devtools\/npm-publish|changesets\/action|googleapis\/release-please-action|release-drafter\/release-drafter|cycjimmy\/semantic-release-action|rubygems\/release-gem|docker\/build-push-action|docker\/bake-action|actions\/attest\S*)(?:[@/]|$)/iu,
  },
  {
    purpose: "deploy",
    label: "deploy actions",
    pattern:
      /^(?:actions\/(?:deploy-pages|upload-pages-artifact)|peaceiris\/actions-gh-pages|jamesives\/github-pages-deploy-action|cloudflare\/(?:wrangler|pages)-action|amondnet\/vercel-action|nwtgck\/actions-netlify|azure\/webapps-deploy|aws-actions\/amazon-ecs-deploy-task-definition|superfly\/flyctl-actions|google-github-actions\/deploy-\S+|appleboy\/(?:ssh|scp)-action)(?:[@/]|$)/iu,
  },
  {
    purpose: "upload",
    label: "reports and artifacts",
    pattern:
      /^(?:codecov\/\S+|coverallsapp\/\S+|codeclimate\/\S+|qltysh\/\S+|actions\/upload-artifact\S*|dorny\/test-reporter|mikepenz\/action-junit-report|enricomi\/publish-unit-test-result-action|test-summary\/action|sonarsource\/\S+|github\/codeql-action\/(?:analyze|upload-sarif)|codspeedhq\/action|benchmark-action\/\S+|slackapi\/slack-github-action)(?:[@/]|$)/iu,
  },
  {
    purpose: "lint",
    label: "lint actions",
    pattern:
      /^(?:golangci\/golangci-lint-action|pre-commit\/action|psf\/black|astral-sh\/ruff-action|chartboost\/ruff-action|github\/super-linter|super-linter\/super-linter|reviewdog\/\S+|streetsidesoftware\/cspell-action|crate-ci\/typos|embarkstudios\/cargo-deny-action|actions-rust-lang\/rustfmt|ludeeus\/action-shellcheck|zizmorcore\/zizmor-action|dependency-review-action|actions\/dependency-review-action|wagoid\/commitlint-github-action|dominikh\/staticcheck-action|golang\/govulncheck-action)(?:[@/]|$)/iu,
  },
];

/** Names of run steps that say so themselves, asked when no command is known. */
export const NAME_RULE: ActionRule = {
  purpose: "test",
  label: "a step named Test, Tests or Run ... tests",
  pattern:
    /^(?:(?:run|execute)\b.*\btests?\b|(?:(?:unit|integration|e2e|functional|feature|regression)[ -])?tests?(?: suite)?(?:\s+\$\{\{.*)?$|tests? with \S+$|test suite$)/iu,
};
