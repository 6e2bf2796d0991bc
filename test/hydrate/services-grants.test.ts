import { describe, expect, it } from "vitest";
import { servicesAgain } from "../../app/hydrate/living-services.ts";
import { taskSecretNotes } from "../../app/hydrate/secrets-grants.ts";
import { createStepSecrets } from "../../app/hydrate/secrets.ts";
import { servicesGrants } from "../../app/hydrate/services-grants.ts";
import { job, planned, setUpRoom } from "./set-up.ts";

const NAMES = ["DB_PASSWORD", "NPM_TOKEN", "OTHER", "REGISTRY"];
const mapped = {
  id: 11,
  repository: "Acme/shop",
  bases: [],
  vars: {},
  secrets: new Map(NAMES.map((name) => [name, `value-of-${name}`])),
};
/** Steps that name three secrets and the token. */
const STEPS = `      - run: npm ci
        env: { A: "\${{ secrets.NPM_TOKEN }}", B: "\${{ secrets.DB_PASSWORD }}", C: "\${{ github.token }}" }
`;

/** What the services alone get, of a job with these lines before its steps. */
async function again(extra: string) {
  const secrets = createStepSecrets([mapped], Buffer.from("key"));
  const { phase, grants } = planned(await setUpRoom([job(STEPS, extra)], {}, { secrets }).plan());
  const services = servicesAgain(phase);
  if (services === null) throw new Error("no services");
  return { ...servicesGrants(services, grants), all: grants.secrets, services, grants };
}

const db = (more: string): string => `    services: { db: { image: postgres, ${more} } }\n`;

describe("services that alone are started again", () => {
  it.each([
    ["nothing is named", db("ports: ['1:1']"), []],
    ["a service's env names one", db("env: { P: '${{ secrets.DB_PASSWORD }}' }"), ["DB_PASSWORD"]],
    [
      "one behind brackets, and none by a call",
      db("env: { P: '${{ ( secrets ).DB_PASSWORD }}', Q: '${{ toJSON(secrets).OTHER }}' }"),
      ["DB_PASSWORD"],
    ],
    ["credentials", db("credentials: { username: me, password: '${{ secrets.REGISTRY }}' }"), ["REGISTRY"]],
    [
      "one that is computed",
      `    strategy: { matrix: { db: [DB] } }\n${db("env: { P: \"${{ secrets[format('{0}_PASSWORD', matrix.db)] }}\" }")}`,
      ["DB_PASSWORD"],
    ],
    [
      "the job's env, of which only a step reads",
      `    env: { N: '\${{ secrets.OTHER }}' }\n${db("env: { P: x }")}`,
      [],
    ],
    [
      "the job's env by one name",
      `    env: { N: '\${{ secrets.OTHER }}', P: '\${{ secrets.DB_PASSWORD }}' }\n${db("env: { P: '${{ env.P }}' }")}`,
      ["DB_PASSWORD"],
    ],
    [
      "the job's env by a name that is computed",
      `    env: { N: '\${{ secrets.OTHER }}', P: '\${{ secrets.DB_PASSWORD }}' }\n${db("env: { P: '${{ env[github.job] }}' }")}`,
      ["DB_PASSWORD", "OTHER"],
    ],
    [
      "the job's env from one expression",
      `    env: "\${{ fromJSON(secrets.OTHER) }}"\n${db("env: { P: '${{ env.P }}' }")}`,
      ["OTHER"],
    ],
  ])("get what they name: %s", async (_, extra, names) => {
    const { secrets, token, all } = await again(extra);
    expect(secrets).toEqual(names);
    expect(token).toBeNull();
    expect(all).toEqual(expect.arrayContaining(["DB_PASSWORD", "NPM_TOKEN"]));
  });

  it("bring no more environment than they read, so that nothing else is asked for on the box", async () => {
    const env = "    env: { N: '${{ secrets.OTHER }}', P: '${{ secrets.DB_PASSWORD }}' }\n";
    expect((await again(`${env}${db("env: { P: '${{ env.P }}' }")}`)).services.env).toEqual([
      { P: "${{ secrets.DB_PASSWORD }}" },
    ]);
    expect((await again(`${env}${db("env: { P: x }")}`)).services.env).toEqual([]);
  });

  it.each([
    ["is named", db("env: { T: '${{ secrets.GITHUB_TOKEN }}' }"), true],
    ["is in a whole context", db("env: { T: '${{ toJSON(github) }}' }"), true],
    ["opens GitHub's registry", "    services: { db: { image: ghcr.io/acme/db } }\n", true],
    ["may open it", "    services: { db: { image: '${{ vars.IMAGE }}' } }\n", true],
    [
      "opens GitHub's registry, for credentials may be empty there",
      "    services: { db: { image: ghcr.io/acme/db, credentials: { username: '${{ vars.ME }}', password: '${{ secrets.REG }}' } } }\n",
      true,
    ],
    ["is named behind brackets", db("env: { T: '${{ ((secrets)).GITHUB_TOKEN }}' }"), true],
    [
      "is not asked for where one part of others is written down",
      "    services: { db: { image: ghcr.io/acme/db, credentials: { username: me, password: '${{ secrets.REG }}' } } }\n",
      false,
    ],
    [
      "is not asked for where others are named",
      "    services: { db: { image: ghcr.io/acme/db, credentials: { username: me, password: p } } }\n",
      false,
    ],
  ])("get GitHub's own token only where it %s", async (_, extra, has) => {
    const { token, grants } = await again(extra);
    expect(grants.token).toEqual(["contents"]);
    expect(token).toEqual(has ? ["contents"] : null);
  });

  it("are told with what they get, and not with the steps' secrets", async () => {
    const { services, grants } = await again(db("env: { P: '${{ secrets.DB_PASSWORD }}' }"));
    expect(taskSecretNotes({ services, grants })).toEqual(["The services get these secrets: DB_PASSWORD."]);
    expect(taskSecretNotes({ grants })).toEqual([]);
    const none = await again(db("ports: ['1:1']"));
    expect(taskSecretNotes({ services: none.services, grants: none.grants })).toEqual([]);
  });
});
