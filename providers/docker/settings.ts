import { z } from "zod";

import { BOX_CLASSES } from "../provider.ts";
import { nameSchema, priceSchema } from "../settings.ts";

/** Docker's default address pools hold about 30 networks, and each box has one of its own. */
const MAX_BOXES = 24;
/** An IPv4 address and a port, as `reach` names them. */
const TARGET = /^(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d):[1-9]\d{0,4}$/;

const limitsSchema = z.strictObject({
  cpus: z.number().min(0.1).max(512).default(2),
  memoryMib: z
    .int()
    .min(256)
    .max(4_194_304)
    .default(4_096)
    .describe("What processes and, with `disk: memory`, files may take together; there is no swap."),
  pids: z.int().min(64).max(100_000).default(1_024).describe("Processes and threads at once."),
  diskMib: z
    .int()
    .min(64)
    .max(16_777_216)
    .default(2_048)
    .describe("Room for the home with the work tree; the same again for /tmp."),
  price: priceSchema,
});

/** Settings of the `docker` provider: boxes are containers of the Docker daemon on the App's own machine. */
export const DockerSettings = z.strictObject({
  kind: z.literal("docker").describe("Containers of the Docker daemon on the App's own machine."),
  name: nameSchema.default("docker").describe("What commands and containers' labels call it."),
  socketPath: z
    .string()
    .startsWith("/")
    .max(107)
    .default("/var/run/docker.sock")
    .describe("Where the daemon listens; whoever may use it is root there."),
  image: z
    .strictObject({
      ref: z
        .string()
        .regex(/^[a-zA-Z0-9][\w.\-/:@]{0,254}$/)
        .optional()
        .describe(
          "An image made beforehand, by tag or digest (`name@sha256:...`); absent: the one made of `base`.",
        ),
      base: z
        .string()
        .regex(/^[a-zA-Z0-9][\w.\-/:@]{0,254}$/)
        .default("node:24-bookworm-slim")
        .describe("A Debian or Ubuntu image to make boxes of; best with Node 20 or newer in it."),
      build: z.boolean().default(true).describe("Make the image at the start when it is missing."),
    })
    .prefault({}),
  runtime: z
    .string()
    .regex(/^[a-zA-Z0-9._-]{1,64}$/)
    .optional()
    .describe("A runtime of the daemon other than its default one: `runsc` for gVisor."),
  maxBoxes: z.int().min(1).max(MAX_BOXES).default(4).describe("Boxes at once; more runs wait."),
  classes: z
    .partialRecord(z.enum(BOX_CLASSES), limitsSchema)
    .default({ standard: limitsSchema.parse({}) })
    .describe("What a box of each class may use; classes that are not named are not offered."),
  disk: z
    .enum(["memory", "quota", "unlimited"])
    .default("memory")
    .describe(
      "Where files of a box lie. `memory`: limited, fast, and part of its memory. `quota`: a volume with a limit, where the daemon's disk can (xfs with pquota). `unlimited`: a volume; a box can then fill the machine's disk.",
    ),
  egress: z
    .enum(["internet", "none"])
    .default("internet")
    .describe(
      "`internet`: public addresses, but no private ones. `none`: nothing but `reach`, on this machine only.",
    ),
  reach: z
    .array(z.string().regex(TARGET, "ADDRESS:PORT with an IPv4 address"))
    .max(32)
    .default([])
    .describe(
      "Private addresses boxes may connect to all the same (`10.0.0.7:443`): a GitHub Enterprise Server, a registry.",
    ),
  dns: z.array(z.ipv4()).max(3).default([]).describe("Name servers of boxes; empty: the machine's own."),
  hostAccess: z
    .enum(["refuse", "accept"])
    .default("refuse")
    .describe(
      "What to do when boxes can reach this machine or a metadata address, because the App may not write firewall rules. `accept`: serve as isolation `user`, so without forks.",
    ),
});

export type DockerSettings = z.output<typeof DockerSettings>;
export type BoxLimits = z.output<typeof limitsSchema>;
