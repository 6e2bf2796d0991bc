import { END, GAP, rule, type CommandRule } from "./rule.ts";

/** Commands that build for a release, publish or deploy. */
export const RELEASE_RULES: readonly CommandRule[] = [
  rule(
    "release",
    "npm/yarn/pnpm/bun publish, release",
    String.raw`(?:npm|pnpm|yarn|bun)${GAP}(?:run\s+)?(?:npm\s+)?(?:publish|release|semantic-release)\b`,
  ),
  rule(
    "release",
    "cargo publish, cargo build --release",
    String.raw`(?:cargo|cross)${GAP}(?:publish\b|build\b.*\s(?:--release|-r)${END})`,
  ),
  rule(
    "release",
    "goreleaser, semantic-release, changeset publish, gh release, pkg-pr-new",
    String.raw`(?:goreleaser|semantic-release|changeset\s+publish|gh\s+release|pkg-pr-new|np)\b`,
  ),
  rule(
    "release",
    "twine upload, uv/poetry/hatch/flit/pdm publish",
    String.raw`(?:twine\s+upload|(?:uv|poetry|hatch|flit|pdm)\s+publish)\b`,
  ),
  rule(
    "release",
    "gem push, rake release, mix hex.publish, dotnet pack/publish, nuget push",
    String.raw`(?:gem\s+push|rake\s+release|mix\s+hex\.publish|dotnet\s+(?:pack|publish|nuget\s+push)|nuget\s+push)\b`,
  ),
  rule(
    "release",
    "mvn deploy, gradle publish",
    String.raw`(?:mvnw?\b.*\s(?:deploy|release:\S+)|gradlew?\b.*\s\S*publish\S*)`,
  ),
  rule(
    "release",
    "docker push, docker build --push",
    String.raw`(?:docker|podman)\s+(?:push\b|(?:image\s+)?push\b|compose\s+push\b|(?:buildx\s+)?(?:build|bake)\b.*\s--push\b)`,
  ),
  rule(
    "release",
    "make release, dist, publish",
    String.raw`(?:make|just|task|mage)${GAP}(?:release|dist|publish)${END}`,
  ),
  rule(
    "deploy",
    "vercel, netlify, wrangler, firebase, fly, serverless deploy",
    String.raw`(?:vercel|now|netlify\s+deploy|wrangler\s+(?:deploy|publish)|firebase\s+deploy|fly(?:ctl)?\s+deploy|serverless\s+deploy|gcloud\b.*\sdeploy|eb\s+deploy)${END}`,
  ),
  rule(
    "deploy",
    "kubectl apply, helm upgrade, terraform apply, ansible-playbook, cdk deploy",
    String.raw`(?:kubectl\s+apply|helm\s+(?:upgrade|install)|(?:terraform|tofu|pulumi)\s+(?:apply|up)|ansible-playbook|cdk\s+deploy)\b`,
  ),
  rule(
    "deploy",
    "npm/yarn/pnpm run deploy, make deploy, mkdocs gh-deploy, rsync/scp to a host",
    String.raw`(?:(?:npm|pnpm|yarn|bun)${GAP}(?:run\s+)?deploy\b|(?:make|just|task)${GAP}deploy\b|mkdocs\s+gh-deploy|(?:rsync|scp)\b.*\s\S+@?\S+:\S*$)`,
  ),
];
