import { expect, test } from "vitest";
import { cutSteps, type CutAsked } from "../../../app/hydrate/choose/cut.ts";
import type { StepsJob } from "../../../app/hydrate/read/model.ts";
import { readWorkflow } from "../../../app/hydrate/read/read.ts";

type Step = Readonly<Record<string, unknown>>;

/** The job of a workflow with these steps. */
function job(...steps: readonly Step[]): StepsJob {
  const text = JSON.stringify({ on: "push", jobs: { test: { "runs-on": "x", steps } } });
  const read = readWorkflow("w.yml", text);
  const [first] = "workflow" in read ? read.workflow.jobs : [];
  if (first?.kind !== "steps") throw new Error(JSON.stringify(read));
  return first;
}

function cut(steps: readonly Step[], asked?: CutAsked) {
  const result = cutSteps(job(...steps), asked);
  if (result.kind !== "cut") throw new Error(result.message);
  return result.cut;
}

test.each([
  "npm test",
  "npm t -- --ci",
  "npm run test:unit",
  "npm run test-ci",
  "yarn test",
  "yarn workspace a test",
  "pnpm -r test",
  "pnpm --filter a run test",
  "bun test",
  "go test ./...",
  "go test -race ./...",
  "cargo test --all",
  "cargo +nightly test",
  "cargo nextest run",
  "cross test",
  "${{ env.CARGO }} test",
  "pytest -x",
  "python -m pytest",
  "python3 -m unittest discover",
  "uv run --locked --group dev tox run",
  "tox",
  "nox -s tests",
  "python manage.py test",
  "poetry run pytest",
  "mvn -B verify",
  "./mvnw test",
  "./gradlew check",
  "gradle build --scan",
  "./gradlew :core:test",
  "sbt +test",
  "bazel test //...",
  "make test",
  "make -j4 check",
  "make -C build test",
  "ninja -C build test",
  "ctest --output-on-failure",
  "cmake --build build --target test",
  "vendor/bin/phpunit",
  "composer test",
  "composer run-script test",
  "php artisan test",
  "vendor/bin/simple-phpunit --verbose",
  "bundle exec rspec",
  "bundle exec rake",
  "rake test",
  "bin/rails test",
  "dotnet test --no-build",
  "deno test -A",
  "deno task test",
  "mix test",
  "npx jest",
  "npx vitest run",
  "node --test",
  "xvfb-run -a npm test",
  "sudo make check",
  "CI=1 npm test",
  "cd app && npm test",
  "script/test",
  "./run-tests.sh",
  "./scripts/test.sh",
  "docker compose run app pytest",
  "if true; then npm test; fi",
  "time go test ./...",
  "set -e\nnpm test",
  "(cd x && cargo test)",
  "swift test",
  "zig build test",
  "nix develop -c make test",
  "make \\\n  test",
])("`%s` ends the set-up", (run) => {
  expect(cut([{ run: "install it" }, { run }])).toMatchObject({ run: [0], at: 1 });
});

test.each([
  "npm ci",
  "npm run build",
  "pnpm install",
  "yarn --immutable",
  "go mod download",
  "go build ./...",
  "cargo build",
  "cargo build --tests",
  "cargo test --no-run",
  "cargo install cargo-nextest",
  "pip install pytest tox",
  "pip install -r requirements/test.txt",
  "uv sync --group test",
  "python setup.py develop",
  "tox --notest",
  "mvn -B dependency:go-offline",
  "mvn install -DskipTests",
  "./gradlew assemble",
  "make",
  "make build-tests",
  "make deps",
  "cmake -B build -DBUILD_TESTING=ON",
  "cmake --build build",
  "composer install",
  "bundle install",
  "mix deps.get",
  "dotnet restore",
  "sudo apt-get install -y check libtest-dev",
  "echo npm test",
  "# npm test",
  "mkdir tests",
  "cp -r tests x",
  "curl -o test.sh https://x",
  "test -f a || exit 1",
  "docker compose up -d",
  "npx playwright install",
  "rustup target add x",
  "./scripts/setup-tests.sh",
  "cd tests",
])("`%s` prepares", (run) => {
  expect(cut([{ run }])).toMatchObject({ run: [0], at: null });
});

test.each([
  "npm publish",
  "cargo build --release",
  "goreleaser release",
  "docker push x",
  "docker buildx build --push .",
  "twine upload dist/*",
  "mvn -B deploy",
  "gh release create v1",
  "npx semantic-release",
  "make release",
  "vercel --prod",
  "npx wrangler deploy",
  "kubectl apply -f x",
  "terraform apply",
  "npm run deploy",
])("`%s` releases or deploys", (run) => {
  expect(cut([{ run: "npm ci" }, { run }, { run: "npm test" }])).toMatchObject({ run: [0], at: 1 });
});

test.each([
  "npm run lint",
  "npx eslint .",
  "cargo fmt --check",
  "cargo clippy",
  "go vet ./...",
  "ruff check .",
  "mypy src",
  "vendor/bin/phpstan",
  "bundle exec rubocop",
  "make lint",
  "tox -e typing",
])("`%s` only checks: it is left out, and the set-up goes on", (run) => {
  expect(cut([{ run: "npm ci" }, { run }, { run: "npm run build" }, { run: "npm test" }])).toMatchObject({
    run: [0, 2],
    at: 3,
    leftOut: [{ index: 1 }],
  });
});

test("actions: those that test or deploy end it, uploads are left out, retries are looked into", () => {
  expect(cut([{ uses: "actions/checkout@v4" }, { uses: "cypress-io/github-action@v6" }])).toMatchObject({
    run: [0],
    at: 1,
  });
  expect(cut([{ uses: "actions/upload-artifact@v4" }, { uses: "actions/cache@v4" }])).toMatchObject({
    run: [1],
    leftOut: [{ index: 0 }],
  });
  expect(
    cut([
      { run: "a" },
      { uses: "nick-fields/retry@v3", with: { command: "npm ci" } },
      { uses: "nick-fields/retry@v3", with: { command: "npm test" } },
    ]),
  ).toMatchObject({ at: 2 });
  expect(
    cut([{ run: "a" }, { uses: "gradle/gradle-build-action@v2", with: { arguments: "check" } }]),
  ).toMatchObject({ at: 1 });
  expect(cut([{ run: "a" }, { parallel: [{ run: "b" }, { run: "npm test" }] }])).toMatchObject({ at: 1 });
});

test("a step's name counts when its command is unknown; installing for tests is no test", () => {
  expect(
    cut([
      { name: "Install test dependencies", run: "./x" },
      { name: "Run unit tests", run: "./y" },
    ]),
  ).toMatchObject({ run: [0], at: 1 });
  expect(cut([{ name: "Test ${{ matrix.a }}", run: "${{ matrix.script }}" }])).toMatchObject({ at: 0 });
});

test("a step that does more before it tests is told", () => {
  expect(cut([{ run: "npm ci\nnpm test" }]).reason).toContain("id: crabbox");
  expect(cut([{ run: "npm test\nnpm run report" }]).reason).not.toContain("id: crabbox");
});

test("a marker ends the set-up whatever the rule says, and keeps what only checks", () => {
  const steps = [{ run: "npm test" }, { run: "npm run lint" }, { id: "crabbox", run: "true" }, { run: "x" }];
  expect(cut(steps)).toMatchObject({ run: [0, 1], at: 2, leftOut: [] });
  for (const uses of [
    "acme/crabbox-app/actions/marker@v1",
    "./actions/crabbox-marker",
    "crabbox/marker@main",
  ])
    expect(cut([{ run: "npm test" }, { uses }])).toMatchObject({ run: [0], at: 1 });
});

test("the cut can be overruled by id, name, number, or left out", () => {
  const steps = [{ run: "a" }, { id: "b", run: "b" }, { name: "Third", run: "npm test" }];
  expect(cut(steps, { before: "B" })).toMatchObject({ run: [0] });
  expect(cut(steps, { before: "third" })).toMatchObject({ run: [0, 1] });
  expect(cut(steps, { before: "1" })).toMatchObject({ run: [] });
  expect(cut(steps, { all: true })).toMatchObject({ run: [0, 1, 2], at: null });
  expect(cutSteps(job(...steps), { before: "none" })).toMatchObject({
    kind: "unknown",
    hint: expect.stringContaining("step 3 (Third)") as unknown,
  });
});
