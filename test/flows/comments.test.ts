import { afterAll, beforeAll, expect, test } from "vitest";
import { openStage, REPO, type Stage } from "../servers/stage.ts";
import { until } from "../servers/until.ts";
import { reactionsOf } from "./looks.ts";

/** GitHub's limit of a comment. */
const COMMENT_MAX_CHARS = 65_536;

let stage: Stage;
beforeAll(async () => {
  stage = await openStage({ settings: { limits: { commandAge: "5m" } } });
});
afterAll(() => stage.close());

async function answered(body: string): Promise<string> {
  const id = await stage.comment(body);
  await until(
    async () => (await reactionsOf(stage, id)).length === 2,
    `both reactions on ${body.slice(0, 60)}`,
  );
  return (await reactionsOf(stage, id)).join(" ");
}

const stickyHas = (part: string) =>
  until(async () => (await stage.sticky()).includes(part), `the sticky comment to say: ${part}`);

test("a comment of 65,536 characters is read like any other, its command runs whole", async () => {
  const start = "/crabbox run -- printf %s ";
  const tail = " | wc -c";
  const word = "x".repeat(COMMENT_MAX_CHARS - start.length - tail.length);
  const check = await stage.run(`${start}${word}${tail}`);
  expect(check.conclusion).toBe("success");
  expect(check.output.text).toContain(String(word.length));
  expect(Buffer.byteLength(check.output.summary ?? "")).toBeLessThanOrEqual(65_535);
});

test("of 200 commands in a comment some are carried out, the rest is named", async () => {
  const lines = Array.from({ length: 200 }, () => "/crabbox status");
  expect(await answered(lines.join("\n"))).toBe("confused eyes");
  await stickyHas("more were left out");
});

test.each([
  ["an unknown flag", "/crabbox run --clas large -- true", "--class"],
  ["an unbalanced quote", '/crabbox run --class "large -- true', "quote"],
  ["no command", "/crabbox run", "There is no command"],
  ["an unknown verb", "/crabbox rnu -- true", "run"],
  ["a command without dashes", "/crabbox run npm test", "-- npm test"],
])("%s is answered with what to write instead", async (_name, body, said) => {
  const runs = (await stage.checks()).length;
  expect(await answered(body)).toBe("confused eyes");
  await stickyHas(said);
  expect((await stage.checks()).length).toBe(runs);
});

test("quoted and fenced commands, and edits, are never commands", async () => {
  const runs = (await stage.checks()).length;
  const id = await stage.comment(
    "> /crabbox run -- false\n\n```\n/crabbox run -- false\n```\n`/crabbox help`",
  );
  await stage.github.control.editComment({ commentId: id, login: "wanda", body: "/crabbox run -- false" });
  await stage.run("/crabbox run -- echo fence");
  expect(await reactionsOf(stage, id)).toEqual([]);
  expect((await stage.checks()).length).toBe(runs + 1);
});

test("a comment that is old when it is read is answered, not run", async () => {
  const runs = (await stage.checks()).length;
  const id = await stage.comment("nothing yet");
  const { control } = stage.github;
  const made = await until(async () => {
    const all = await control.listDeliveries({ event: "issue_comment", action: "created" });
    for (const { id: deliveryId } of all.reverse()) {
      const payload = await control.deliveryPayload({ deliveryId });
      if ((payload["comment"] as { id: number }).id === id) return payload;
    }
    return null;
  }, "the delivery");
  const old = {
    ...(made["comment"] as object),
    body: "/crabbox run -- echo too late",
    created_at: new Date(Date.now() - 3_600_000).toISOString(),
  };
  await control.sendDeliveries({
    deliveries: [{ event: "issue_comment", payload: { ...made, comment: old } }],
  });
  await stickyHas("old when it could be read");
  await until(async () => (await reactionsOf(stage, id)).includes("confused"), "the reaction");
  expect((await control.listCheckRuns({ repo: REPO })).length).toBe(runs);
});
