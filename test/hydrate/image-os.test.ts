import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { imageEnvironment } from "../../runner-bootstrap/boxd/steps/image-os.ts";

const dir = mkdtempSync(join(tmpdir(), "image-os-"));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

describe("ImageOS", () => {
  it.each([
    ["Ubuntu 24.04", 'NAME="Ubuntu"\nVERSION_ID="24.04"\nID=ubuntu\nID_LIKE=debian\n', "ubuntu24"],
    ["Ubuntu 22.04, quoted otherwise", "ID='ubuntu'\nVERSION_ID=22.04", "ubuntu22"],
    ["Ubuntu 26.04", 'ID=ubuntu\nVERSION_ID="26.04"\n', "ubuntu26"],
    ["Ubuntu without long support", 'ID=ubuntu\nVERSION_ID="24.10"\n', undefined],
    ["Ubuntu of an odd year", 'ID=ubuntu\nVERSION_ID="25.04"\n', undefined],
    ["Debian", 'ID=debian\nVERSION_ID="13"\n', undefined],
    ["one like Ubuntu", 'ID=linuxmint\nID_LIKE="ubuntu debian"\nVERSION_ID="22.04"\n', undefined],
    ["a file of something else", "VERSION_ID\n\0ID==ubuntu", undefined],
  ])("on %s", (_, text, expected) => {
    const file = join(dir, "os-release");
    writeFileSync(file, text);
    expect(imageEnvironment(file)).toEqual(expected === undefined ? {} : { ImageOS: expected });
  });

  it("is none where the system says nothing of itself", () => {
    expect(imageEnvironment(join(dir, "nothing-here"))).toEqual({});
  });
});
