import { END, GAP, rule, type CommandRule } from "./rule.ts";

/** Commands that only check style, types or advisories. */
export const LINT_RULES: readonly CommandRule[] = [
  rule(
    "lint",
    "npm/yarn/pnpm run lint, format, type check",
    String.raw`(?:npm|pnpm|yarn|bun)(?:\s+-\S+){0,6}\s+(?:run\s+)?(?:lint|fmt|format|prettier|eslint|type-?check|types|check|check-types|tsc)(?:[:_.-]\S*)?${END}`,
  ),
  rule(
    "lint",
    "eslint, prettier, biome, oxlint, tsc --noEmit, stylelint",
    String.raw`(?:eslint|prettier|biome|oxlint|stylelint|tsc\b.*--noEmit|knip|attw|publint|markdownlint\S*|cspell|typos)${END}`,
  ),
  rule(
    "lint",
    "cargo fmt, clippy, deny, audit; go vet, gofmt, golangci-lint, staticcheck",
    String.raw`(?:cargo${GAP}(?:fmt|clippy|deny|audit|machete)|go\s+vet|gofmt|gofumpt|golangci-lint|staticcheck|govulncheck)${END}`,
    String.raw`\binstall\b`,
  ),
  rule(
    "lint",
    "ruff, black, flake8, mypy, pyright, isort, pylint, pre-commit",
    String.raw`(?:(?:python[\d.]*\s+-m\s+)?(?:ruff|black|flake8|mypy|pyright|isort|pylint|codespell|bandit|pre-commit\s+run))${END}`,
  ),
  rule(
    "lint",
    "rubocop, standardrb; phpstan, psalm, php-cs-fixer, phpcs; clang-format; shellcheck",
    String.raw`(?:rubocop|standardrb|brakeman|phpstan|psalm|php-cs-fixer|phpcs|pint|clang-format|clang-tidy|cppcheck|shellcheck|hadolint|yamllint|actionlint|zizmor)${END}`,
  ),
  rule(
    "lint",
    "make/just/task lint, fmt, vet",
    String.raw`(?:g?make|just|task|mage)${GAP}\S*(?:lint|fmt|format|vet|style)\S*`,
  ),
];
