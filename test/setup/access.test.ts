import { expect, test } from "vitest";
import { maySetUp } from "../../app/setup/access.ts";

const TOKEN = "the-console-shows-this";
const here = { remoteAddress: "127.0.0.1", host: "localhost:3000", proxied: false, token: null };

test.each([
  ["loopback by its name", here, true],
  ["loopback by address", { ...here, host: "127.0.0.1:3000" }, true],
  ["loopback over IPv6", { ...here, remoteAddress: "::1", host: "[::1]:3000" }, true],
  ["IPv4 in IPv6", { ...here, remoteAddress: "::ffff:127.0.0.1" }, true],
  ["another machine", { ...here, remoteAddress: "10.0.0.7" }, false],
  ["another machine in IPv6 clothes", { ...here, remoteAddress: "::ffff:10.0.0.7" }, false],
  ["a proxy on this machine", { ...here, proxied: true }, false],
  ["a name that was resolved to loopback", { ...here, host: "evil.example:3000" }, false],
  ["a name that begins like loopback", { ...here, host: "127.0.0.1.evil.example" }, false],
  ["no name", { ...here, host: "" }, false],
  ["another machine with the token", { ...here, remoteAddress: "10.0.0.7", token: TOKEN }, true],
  ["another machine with a wrong token", { ...here, remoteAddress: "10.0.0.7", token: "guess" }, false],
])("%s", (_name, request, allowed) => {
  expect(maySetUp(request, TOKEN)).toBe(allowed);
});
