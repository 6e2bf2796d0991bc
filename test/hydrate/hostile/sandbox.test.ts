import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import type { Following } from "../../boxd/box.ts";
import type { HydrateStage } from "../../boxd/hydrate-stage.ts";
import { makeHydrateStage, phaseOf } from "../../boxd/hydrate-stage.ts";
import { canBwrap, holdTo } from "../../boxd/rung.ts";
import { run } from "../engine/plans.ts";

const compiler = process.env["CC"] ?? "cc";
const canCompile = spawnSync(compiler, ["--version"]).status === 0;

/** Says where it ran: outside of the sandbox it can write beside the box. */
const LIBRARY = String.raw`
#include <stdio.h>
#include <stdlib.h>
__attribute__((constructor)) static void loaded(void) {
  FILE *file = fopen(getenv("WITNESS"), "w");
  if (file != NULL) fclose(file);
}
unsigned int la_version(unsigned int version) { return version; }
`;

describe.skipIf(!canBwrap).each(["bwrap", null] as const)(
  "what a step of hostile scripts sets never leads out of the sandbox (needs bwrap), contained by %s",
  (rung) => {
    let stage: HydrateStage;
    /** Hidden from the sandbox, as everything in /tmp is. */
    let outside: string;
    beforeAll(async () => {
      stage = await makeHydrateStage();
      outside = mkdtempSync(join(tmpdir(), "boxd-outside-"));
      writeFileSync(join(outside, "secret"), "of the App");
      // Null: by the best that this machine has.
      if (rung === null) return;
      holdTo(stage.box, rung);
    });
    afterAll(async () => {
      await stage.close();
      rmSync(outside, { recursive: true, force: true });
    });

    /** Hydrates with a hostile first step and a plain second one, then runs a command. */
    async function hydrated(hostile: string, line: string): Promise<Following> {
      const steps = [run(hostile, { name: "install" }), run("echo second", { name: "second" })];
      const front = stage.box.start(
        stage.task({ line, sandbox: "bwrap", hydrate: phaseOf("s", steps), env: { OUTSIDE: outside } }),
      );
      await front.done;
      return front;
    }

    it("by PATH: neither a program of ours is replaced, nor a hidden directory shown", async () => {
      const front = await hydrated(
        `mkdir -p "$HOME/evil"
      for name in bwrap unshare systemd-run sh bash env; do
        printf '#!/bin/bash\\ntouch ${outside}/replaced-%s\\nexec /usr/bin/%s "$@"\\n' $name $name > "$HOME/evil/$name"
      done
      chmod +x "$HOME"/evil/*
      echo "$HOME/evil" >> "$GITHUB_PATH"
      echo "${outside}" >> "$GITHUB_PATH"
      echo "A-NAME=with a dash" >> "$GITHUB_ENV"
      echo "PATH=$HOME/evil:${outside}:$PATH" >> "$GITHUB_ENV"`,
        `echo "seen: $(cat ${outside}/secret 2>&1)"; case "$PATH" in *evil*) echo its own PATH;; esac`,
      );
      expect(front.exit()).toMatchObject({ code: 0 });
      expect(front.output()).toContain("second\n");
      expect(front.output()).toContain("its own PATH\n");
      expect(front.output()).toContain("seen: cat: ");
      const replaced = ["bwrap", "unshare", "systemd-run", "sh", "bash", "env"].map(
        (name) => `replaced-${name}`,
      );
      expect(replaced.filter((name) => existsSync(join(outside, name)))).toEqual([]);
    });

    it.skipIf(!canCompile)(
      "by the loader: a library is loaded inside only (needs a C compiler)",
      async () => {
        const source = join(outside, "evil.c");
        writeFileSync(source, LIBRARY);
        const library = stage.box.path("home", "evil.so");
        stage.box.run(["status"]);
        execFileSync(compiler, ["-shared", "-fPIC", "-o", library, source]);
        const witness = join(outside, "loaded");
        const front = await hydrated(
          `echo "LD_LIBRARY_PATH=$HOME/lib" >> "$GITHUB_ENV"
      echo "LD_AUDIT=$HOME/evil.so" >> "$GITHUB_ENV"
      echo "GLIBC_TUNABLES=glibc.malloc.check=0" >> "$GITHUB_ENV"
      mkdir -p "$HOME/lib"; cp "$HOME/evil.so" "$HOME/lib/libcap.so.2"; cp "$HOME/evil.so" "$HOME/lib/libselinux.so.1"
      echo "WITNESS=${witness}" >> "$GITHUB_ENV"`,
          'echo "libraries: $LD_LIBRARY_PATH"',
        );
        expect(existsSync(witness)).toBe(false);
        // What a tool's set-up sets for the programs of later steps still holds for them.
        expect(front.output()).toContain(`libraries: ${stage.box.path("home", "lib")}\n`);
      },
    );

    it("by a problem matcher's file: what the sandbox hides is not read for it", async () => {
      const front = await hydrated(
        `ln -sfn ${outside}/secret linked.json
      echo "::add-matcher::${outside}/secret"
      echo "::add-matcher::linked.json"
      echo "::add-matcher::${outside}/not-there"
      exit 0`,
        "true",
      );
      const said = front.events().flatMap((event) => (event.e === "annotation" ? [event.message] : []));
      expect(said.join("\n")).not.toContain("of the App");
      expect(said.length).toBe(3);
      const reasons = said.map((text) => text.replaceAll(/\S*(?:secret|linked\.json|not-there)/gu, "FILE"));
      expect(new Set(reasons).size).toBe(1);
    });
  },
);
