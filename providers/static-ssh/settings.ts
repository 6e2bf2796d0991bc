import { z } from "zod";

import { classesSchema, nameSchema, priceSchema } from "../settings.ts";

const FINGERPRINT = /^SHA256:[A-Za-z0-9+/]{43}$/;
/** A login name as useradd makes them; it is also a word of a remote command. */
const USER = /^[a-z_][a-z0-9_-]{0,31}$/i;

const hostSchema = z
  .strictObject({
    name: nameSchema.describe("What checks call the host; also its type of box."),
    host: z.string().min(1).max(253).describe("Its name or address, reached by SSH from the App."),
    port: z.int().min(1).max(65_535).default(22).describe("The port of its sshd."),
    user: z
      .string()
      .regex(USER)
      .describe("Keeps the slots' leases; runs the tasks, too, unless `uids` names others."),
    hostKey: z
      .string()
      .regex(FINGERPRINT, "a fingerprint as `ssh-keygen -lf` prints it, SHA256:...")
      .optional()
      .describe(
        "Its host key's fingerprint; without it the first key seen is kept, and no other accepted from then on.",
      ),
    keyFile: z.string().min(1).describe("Path of the private key that logs in there, on the App's machine."),
    slots: z.int().min(1).max(64).default(1).describe("Tasks at a time; with `uids` their number."),
    uids: z
      .array(z.string().regex(USER))
      .min(1)
      .max(64)
      .optional()
      .describe(
        "A user for each slot: the key logs in as each of them, none of them may read another's home.",
      ),
    price: priceSchema,
  })
  .refine((host) => host.uids === undefined || new Set(host.uids).size === host.uids.length, {
    message: "each slot needs a user of its own",
    path: ["uids"],
  })
  .refine((host) => host.uids === undefined || !host.uids.includes(host.user), {
    message: "the user that keeps the leases cannot be a slot's: its tasks could rewrite them",
    path: ["uids"],
  });

/** Settings of a `static-ssh` provider: hosts that are there already, all of them separating tasks in the same way. */
export const StaticSshSettings = z
  .strictObject({
    kind: z.literal("static-ssh").describe("Boxes are slots of hosts that are there already."),
    name: nameSchema
      .default("static-ssh")
      .describe("What commands and checks call it; no two providers share one."),
    hosts: z.array(hostSchema).min(1).max(64),
    classes: classesSchema,
    separation: z
      .enum(["users", "bwrap", "none"])
      .default("none")
      .describe(
        "What stands between two tasks on a host: `users` (it lists `uids`), `bwrap` (bubblewrap there), or `none`: it then serves one " +
          "repository, one task at a time.",
      ),
    isolation: z
      .enum(["container", "vm"])
      .optional()
      .describe(
        "Your own word, which nothing checks: each host is a container or a virtual machine from which nothing else can be reached, so " +
          "code of forks may run there. It then serves one repository's branches, or one fork's pull request, until you replace it. " +
          "Only with `separation: none`.",
      ),
  })
  .refine(({ isolation, separation }) => isolation === undefined || separation === "none", {
    message:
      "a host that is to isolate as a whole serves one trust domain: only `separation: none` does that",
    path: ["isolation"],
  })
  .refine((settings) => new Set(settings.hosts.map(({ name }) => name)).size === settings.hosts.length, {
    message: "host names must differ",
    path: ["hosts"],
  })
  .refine(
    (settings) =>
      settings.hosts.every(({ uids }) => (uids !== undefined) === (settings.separation === "users")),
    {
      message: "`separation: users` needs `uids` on every host, and only that has them",
      path: ["separation"],
    },
  )
  .refine((settings) => settings.separation !== "none" || settings.hosts.every(({ slots }) => slots === 1), {
    message: "`separation: none` serves one task at a time: slots must be 1",
    path: ["hosts"],
  });

export type StaticSshSettings = z.output<typeof StaticSshSettings>;
export type StaticHost = z.output<typeof hostSchema>;
