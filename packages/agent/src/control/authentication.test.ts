import { expect, test } from "vitest";
import { Authentication, type Verdict } from "./authentication.ts";

const key = "0f1e2d3c4b5a69788796a5b4c3d2e1f0";
const basic = (text: string) => `Basic ${Buffer.from(text).toString("base64")}`;

test.each<[what: string, authorization: string | undefined, Verdict]>([
  ["the service comes without a name", basic(`:${key}`), "welcome"],
  ["people come with the host id", basic(`pc1.example.org:${key}`), "welcome"],
  ["a hardware address is a name too", basic(`00:11:22:33:44:55:${key}`), "welcome"],
  ["another key", basic(":0f1e2d3c4b5a69788796a5b4c3d2e1f1"), "denied"],
  ["a beginning of the key", basic(":0f1e"), "denied"],
  ["no password", basic("pc1.example.org:"), "denied"],
  ["users of the system are not admitted", basic(`root:${key}`), "denied"],
  ["nothing", undefined, "missing"],
  ["another method", "Bearer x", "unsupported"],
])("%s", (_what, authorization, verdict) => {
  expect(
    new Authentication(
      () => key,
      () => 5,
    ).check(authorization, "192.0.2.1"),
  ).toBe(verdict);
});

test("five wrong keys lock an address out for two minutes, others not", () => {
  const gate = new Authentication(
    () => key,
    () => 5,
  );
  for (let failure = 0; failure < 5; failure++) expect(gate.check(basic(":no"), "192.0.2.1", 1000)).toBe("denied");
  expect(gate.check(basic(`:${key}`), "192.0.2.1", 2000)).toBe("blocked");
  expect(gate.check(basic(`:${key}`), "192.0.2.2", 2000)).toBe("welcome");
  expect(gate.check(basic(`:${key}`), "192.0.2.1", 122_000)).toBe("welcome");
});

test("without a host key nobody gets in", () => {
  expect(
    new Authentication(
      () => "",
      () => 5,
    ).check(basic(":"), "192.0.2.1"),
  ).toBe("denied");
});
