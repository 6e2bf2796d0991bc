import { expect, test } from "vitest";
import { cutSteps } from "../../../app/hydrate/choose/cut.ts";
import type { StepsJob } from "../../../runner-bootstrap/boxd/steps/jobs/model.ts";
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

function cut(steps: readonly Step[]) {
  const result = cutSteps(job(...steps));
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

test.each([" -a", " --x --x", " a=b", " a/b", " -1 1", ":test", " --filter --filter", "+x +"])(
  "a script of `%s` over and over is judged at once",
  (piece) => {
    const programs = ["npm", "make", "cargo", "python", "mvn", "uv run", "rake", "./a/"];
    const run = programs.map((program) => `${program}${piece.repeat(100)}!`).join("\n");
    expect(cut([{ run: `${run}\n`.repeat(50) }]).run.length).toBeLessThanOrEqual(1);
  },
);
