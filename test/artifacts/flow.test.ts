import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { audit } from "../recovery/books.ts";
import { freePort, openStage, REPO, type Stage } from "../servers/stage.ts";

const SECRET = "hunter2-hunter2-hunter2";
const FILE = `artifacts: [out, "*.html", gone/*.txt]\n`;
const WORKFLOW = `on: push
jobs:
  hydrate:
    runs-on: ubuntu-latest
    steps:
      - name: set things
        env: { TOKEN: "\${{ secrets.DEPLOY }}" }
        run: |
          echo "FROM_STEP=value-of-a-step" >> "$GITHUB_ENV"
          echo "the secret is $TOKEN"
`;

let dir = "";
let stage: Stage;
let contentPort = 0;
beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), "crabbox-artifacts-"));
  const file = join(dir, "secret");
  writeFileSync(file, SECRET);
  contentPort = await freePort();
  stage = await openStage({
    files: { ".github/crabbox.yml": FILE, ".github/workflows/ci.yml": WORKFLOW },
    settings: {
      content: { url: `http://localhost:${contentPort}`, listen: { port: contentPort } },
    },
    settingsFor: (id) => ({
      env: { SERVER_SAYS: "value-of-the-server" },
      repositories: [{ repository: REPO, id, secrets: { DEPLOY: { file } } }],
    }),
  });
});
afterAll(async () => {
  await stage.close();
  rmSync(dir, { recursive: true, force: true });
});

/** Where the check's summary leads. */
function linksOf(summary: string | null): readonly { readonly name: string; readonly url: string }[] {
  return [...(summary ?? "").matchAll(/^- \[([^\]]+)\]\((\S+\/artifacts\/\d+)\)/gmu)].map(
    ([, name = "", url = ""]) => ({
      name: name.replaceAll("\\", ""),
      url,
    }),
  );
}

test("files of a command that failed come to the check, the page and the other origin", async () => {
  const check = await stage.run(
    "/crabbox run -- mkdir -p out/deep; printf hello > out/deep/a.txt; : > out/empty.bin; echo '<script>1</script>' > x.html; ln -s /etc/passwd out/p; mkfifo out/pipe; false",
  );
  expect(check.conclusion).toBe("failure");
  const { summary } = check.output;
  expect(summary).toContain("**Artifacts:** 3 files");
  expect(summary).toMatch(/out\/p is a link out of the work tree/u);
  expect(summary).toMatch(/out\/pipe is a pipe/u);
  const links = linksOf(summary);
  expect(links.map(({ name }) => name)).toEqual(["out/deep/a.txt", "out/empty.bin", "x.html"]);
  const page = await (await fetch((links[0]?.url ?? "").replace(/\/artifacts\/\d+$/u, ""))).text();
  for (const { name } of links) expect(page).toContain(`>${name}</a>`);

  const [text, , html] = links;
  const moved = await fetch(text?.url ?? "", { redirect: "manual" });
  expect(moved.status).toBe(303);
  const location = moved.headers.get("location") ?? "";
  expect(location).toMatch(new RegExp(`^http://localhost:${contentPort}/artifacts/\\d+/`, "u"));
  const shown = await fetch(location);
  expect(await shown.text()).toBe("hello");
  expect(shown.headers.get("content-type")).toBe("text/plain; charset=utf-8");
  expect(shown.headers.get("content-security-policy")).toContain("sandbox");
  expect(shown.headers.get("set-cookie")).toBeNull();
  const saved = await fetch(html?.url ?? "");
  expect(saved.headers.get("content-type")).toBe("application/octet-stream");
  expect(saved.headers.get("content-disposition")).toMatch(/^attachment; filename="x\.html"/u);
  expect(await saved.text()).toBe("<script>1</script>\n");
  // The pages' own origin serves none of it.
  const own = new URL(location);
  const other = await fetch(`${new URL(text?.url ?? "").origin}${own.pathname}`);
  expect(other.status).toBe(404);

  const base = (text?.url ?? "").replace(/\/artifacts\/\d+$/u, "");
  const bundle = await fetch(`${base}/bundle`);
  expect(bundle.headers.get("content-type")).toBe("application/gzip");
  const unpacked = execFileSync("tar", ["-xzO"], {
    input: Buffer.from(await bundle.arrayBuffer()),
  }).toString();
  expect(unpacked).toContain("the secret is ***");
  for (const named of [
    "FROM_STEP",
    "SERVER_SAYS",
    "DEPLOY",
    "set things",
    '"exit"',
    '"boxd": "boxd-',
    '"system"',
  ])
    expect(unpacked).toContain(named);
  for (const value of [
    SECRET,
    "value-of-a-step",
    "value-of-the-server",
    Buffer.from(SECRET).toString("base64"),
  ])
    expect(unpacked).not.toContain(value);
});

test("a command that went well has its files, and no bundle; each content is one file on the App's disk", async () => {
  const check = await stage.run("/crabbox run -- mkdir out; printf same > out/1; printf same > out/2");
  expect(check.conclusion).toBe("success");
  const links = linksOf(check.output.summary);
  expect(links.map(({ name }) => name)).toEqual(["out/1", "out/2"]);
  const base = (links[0]?.url ?? "").replace(/\/artifacts\/\d+$/u, "");
  expect((await fetch(`${base}/bundle`)).status).toBe(404);
  const rows = audit(stage.app.stateDir, "select distinct sha256 from artifact");
  const files = readdirSync(join(stage.app.stateDir, "artifacts")).sort();
  expect(files).toEqual(rows.map(({ sha256 }) => String(sha256)).sort());
});
