import { END, GAP, rule, type CommandRule } from "./rule.ts";

/** Commands that test. */
export const TEST_RULES: readonly CommandRule[] = [
  rule(
    "lint",
    "tox/nox for lint, types or docs alone",
    String.raw`(?:tox|nox)\b.*\s-(?:e|s)\s*(?:lint|style|format|typing|types?|mypy|docs?|pre-commit|flake8)\S*`,
  ),
  rule(
    "test",
    "npm/yarn/pnpm/bun test, run test*",
    String.raw`(?:npm|pnpm|yarn|bun)(?:\s+(?:--?\S+(?:=\S+)?|-r|workspace\s+\S+|workspaces\s+foreach|--filter[= ]\S+)){0,6}\s+(?:run(?:-script)?\s+(?:-\S+\s+){0,6}|exec\s+|dlx\s+)?(?:tests?|tst|t|unit|e2e|coverage|spec|ci:test|check:test)(?:[:_.-]\S*)?${END}`,
  ),
  rule(
    "test",
    "npm/yarn/pnpm run SOMETHING:test",
    String.raw`(?:npm|pnpm|yarn|bun)\s+(?:run\s+)?\S+[:-]tests?${END}`,
  ),
  rule(
    "test",
    "jest, vitest, mocha, ava, tap, playwright test, cypress run, karma, node --test",
    String.raw`(?:jest|vitest|mocha|ava|tap|uvu|borp|karma|c8|nyc|wtr|web-test-runner|playwright\s+test|cypress\s+run|node\b.*\s--test)${END}`,
  ),
  rule(
    "test",
    "turbo, nx, lerna, lage, moon ... test",
    String.raw`(?:turbo|nx|lerna|lage|moon|rush)\b.*[\s:=]test\S*`,
  ),
  rule("test", "go test, gotestsum, ginkgo", String.raw`(?:go${GAP}test|gotestsum|ginkgo)${END}`),
  rule(
    "test",
    "cargo test, nextest, miri, llvm-cov, tarpaulin, bench, hack test",
    String.raw`(?:cargo|cross)${GAP}(?:test|t|nextest|miri|llvm-cov|tarpaulin|bench|hack\b.*\s(?:test|nextest))${END}`,
    String.raw`\b(?:miri\s+setup|install)\b|--no-run\b`,
  ),
  rule(
    "test",
    "pytest, python -m pytest/unittest, tox, nox, coverage run, manage.py test",
    String.raw`(?:py\.?test|tox|nox|nosetests|stestr|trial|behave|(?:python|py)[\d.]*${GAP}(?:pytest|unittest|tox|nox|coverage\s+run|nose2?|test)\b|coverage\s+run|(?:python[\d.]*\s+)?(?:\S*/)?(?:manage|runtests|setup)\.py(?:\s+-\S+){0,6}\s*(?:test|check)?)${END}`,
    String.raw`--notest\b|--install-only\b|--version\b|setup\.py\s+(?!test)|manage\.py\s+check|\bmigrate\b|\bcollectstatic\b`,
  ),
  rule(
    "test",
    "hatch/pdm/poe/inv test",
    String.raw`(?:hatch|pdm|poe|inv|invoke|rye|pixi)\s+(?:run\s+)?(?:-\S+\s+){0,6}\S*(?:test|cov)\S*`,
  ),
  rule(
    "test",
    "mvn test, verify, install, package, integration-test",
    String.raw`mvnw?\b.*\s(?:test|verify|install|package|integration-test)${END}`,
    String.raw`-D(?:skipTests|maven\.test\.skip)(?:=true)?${END}|\sdependency:`,
  ),
  rule(
    "test",
    "gradle test, check, build",
    String.raw`gradlew?\b.*\s(?:\S*:)?(?:\w*[tT]ests?|check|build)${END}`,
    String.raw`-x\s*(?:test|check)\b|--dry-run\b`,
  ),
  rule(
    "test",
    "sbt, lein, bazel, swift, xcodebuild, flutter, dart, zig build, stack, cabal, dune test",
    String.raw`(?:sbt\b.*\s\S*(?:test\S*|check)|lein\b.*\stest|(?:bazel|bazelisk|swift|xcodebuild|flutter|dart|stack|cabal|dune|crystal|gleam|forge|buck2?)${GAP}(?:.*\s)?(?:test|runtest|spec)|zig\s+build\b.*\stest)${END}`,
  ),
  rule(
    "test",
    "make/ninja/just/task test*, check",
    String.raw`(?:g?make|ninja|just|task|mage|meson|earthly)(?:\s+(?:-\S+(?:\s+\d+)?|\S+=\S+|\S+/\S*|build|[.])){0,6}\s+\+?(?:\S*[-_]?tests?(?:[-_:]\S*)?|check(?:[-_:]\S*)?|runtest\S*)${END}`,
    String.raw`\s(?:build|install|setup|prepare|deps)[-_]\S*tests?${END}|check[-_](?:fmt|format|lint|style)`,
  ),
  rule(
    "test",
    "ctest, cmake --build --target test",
    String.raw`(?:ctest|cmake\s+--build\b.*\s(?:--target|-t)\s+(?:\S*test\S*|check\S*))${END}`,
  ),
  rule(
    "test",
    "phpunit, pest, paratest, behat, codecept, artisan test, composer test",
    String.raw`(?:(?:simple-)?phpunit|pest|paratest|behat|codecept|phpspec|kahlan|(?:php\s+)?artisan\s+test|php\b.*\s\S*(?:phpunit|pest|run-tests\.php)\S*|composer\s+(?:run(?:-script)?\s+)?(?:-\S+\s+){0,6}(?:tests?|phpunit|ci|unit)(?:[:-]\S*)?)${END}`,
  ),
  rule(
    "test",
    "rspec, rake, rake test/spec, rails test, cucumber, appraisal",
    String.raw`(?:rspec|cucumber|minitest|rails\s+(?:test|spec)\S*|ruby\b.*\btest\S*|rake(?:\s+\S*(?:test|spec|ci)\S*|\s*$|\s+default)|appraisal\s+\S*(?:rspec|rake))${END}`,
  ),
  rule(
    "test",
    "dotnet, deno, bun, mix test; rebar3 ct/eunit; elixir, julia, R",
    String.raw`(?:(?:dotnet|deno|bun|mix|luarocks|nimble|opam|raco)${GAP}(?:vs)?test\S*|deno\s+task\s+\S*test\S*|rebar3\s+(?:ct|eunit|proper)|busted|prove|julia\b.*Pkg\.test|Rscript\b.*(?:testthat|rcmdcheck|test\())`,
  ),
  rule(
    "test",
    "a script named test, tests, check or cibuild",
    String.raw`(?:(?:ba|z)?sh\s+(?:-\S+\s+){0,6})?\.?/?(?:[\w.-]+/){0,6}(?:run[-_]?)?(?:unit[-_]?|integration[-_]?|e2e[-_]?)?(?:tests?|cibuild|specs?)(?:[-_.]\w+){0,6}(?:\.(?:sh|py|js|mjs|ts|rb|pl|php))?(?=$|[\s;])`,
    String.raw`^tests?(?:\s|$)|(?:setup|install|deps|dependencies|prepare|bootstrap|fixtures?|server)\S*`,
  ),
];
