/** One workflow with every key of GitHub's schema but for events, and one action with every key of an action's. */
export const EVERYTHING = `
name: Everything
description: for people
run-name: by \${{ github.actor }}
on:
  push:
  schedule: [{ cron: "0 0 * * *", timezone: Europe/Berlin }]
  image_version: { names: [a], versions: ["1.*"] }
  merge_group: { branches: [a] }
  workflow_run: { workflows: [CI], branches-ignore: [b] }
  workflow_dispatch: { inputs: { a: { description: d, type: choice, options: [x], default: x, required: true } } }
  workflow_call:
    inputs: { b: { description: d, type: string, default: x, required: false } }
    outputs: { o: { description: d, value: "\${{ jobs.steps.outputs.o }}" } }
    secrets: { s: { description: d, required: true } }
concurrency: { group: g, cancel-in-progress: "\${{ github.ref != 'x' }}", queue: single }
defaults: { run: { shell: bash, working-directory: a } }
env: { A: b }
permissions: { contents: read }
cache-mode: write
jobs:
  steps:
    name: n
    needs: [other]
    if: always()
    runs-on: { group: g, labels: [ubuntu-latest] }
    timeout-minutes: 5
    cancel-timeout-minutes: 5
    continue-on-error: true
    concurrency: { group: g, cancel-in-progress: true, queue: max }
    defaults: { run: { shell: bash, working-directory: a } }
    env: { A: b }
    environment: { name: prod, url: "https://example.org", deployment: false }
    outputs: { o: "1" }
    permissions: { contents: read }
    cache-mode: write-only
    snapshot: { image-name: i, version: 1.*, if: "github.ref != 'x'" }
    container: { image: i, options: --cpus 1, env: { A: b }, ports: [80], volumes: ["a:/b"], credentials: { username: u, password: p } }
    services:
      db: { image: i, options: --cpus 1, env: { A: b }, ports: [80], volumes: ["a:/b"], credentials: { username: u, password: p }, entrypoint: e, command: c }
    strategy: { fail-fast: false, max-parallel: 2, matrix: { a: [1], include: [{ a: 2 }], exclude: [{ a: 3 }] } }
    steps:
      - { id: r, name: n, if: always(), run: "true", shell: sh, working-directory: ., env: { A: b }, continue-on-error: true, timeout-minutes: 1, background: true }
      - { uses: a/b@v1, with: { x: y } }
      - { wait: r }
      - { cancel: r }
      - wait-all: true
      - parallel: [{ run: "true" }]
  other: { uses: ./.github/workflows/x.yml, cache-mode: none, with: { x: y }, secrets: { s: "\${{ secrets.s }}" } }
`;

export const ACTION_KINDS = [
  `name: n
author: a
description: d
branding: { color: blue, icon: box }
inputs: { i: { description: d, default: x, required: true, deprecationMessage: old } }
outputs: { o: { description: d, value: "\${{ steps.s.outputs.o }}" } }
runs:
  using: composite
  steps:
    - { id: s, name: n, if: always(), run: "true", shell: sh, working-directory: a, env: { A: b }, continue-on-error: true }
    - { uses: a/b@v1, with: { x: y } }
`,
  "name: n\nruns: { using: node24, main: a.js, pre: b.js, pre-if: always(), post: c.js, post-if: success() }\n",
  "name: n\nruns: { using: docker, image: Dockerfile, args: [a], entrypoint: e, env: { A: b }, pre-entrypoint: p, pre-if: always(), post-entrypoint: q, post-if: always() }\n",
] as const;
