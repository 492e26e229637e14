import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { ConnectOptions } from "./service-client.ts";
import { newCa } from "./testing/certificates.ts";
import { ca, connect, failure, folder, serve } from "./testing/connect.ts";
import { newService } from "./testing/service.ts";

/* Verification of services. (service §6.4) */

test("a service of another CA is refused before it sees the password", async () => {
  await using service = await newService({ ca: await newCa() });
  expect(await failure(connect(service))).toMatchObject({ class: "OpsiServiceVerificationError" });
  expect(await failure(connect(service, { caFile: undefined }))).toMatchObject({
    class: "OpsiServiceVerificationError",
  });
  expect(service.seen).toEqual([]);
});

test("a certificate for another name is refused", async () => {
  await using service = await serve({ certificateNames: ["other.example.org"] });
  expect(await failure(connect(service))).toMatchObject({ class: "OpsiServiceVerificationError" });
});

test("strict needs a CA in the file", async () => {
  await using service = await serve();
  expect(await failure(connect(service, { caFile: join(folder, "missing.pem") }))).toMatchObject({
    class: "OpsiServiceVerificationError",
  });
  const broken = join(folder, "broken.pem");
  await writeFile(broken, "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
  expect(await failure(connect(service, { caFile: broken }))).toMatchObject({
    class: "OpsiServiceVerificationError",
  });
});

test("none accepts everything", async () => {
  await using service = await newService({ ca: await newCa(), certificateNames: ["other.example.org"] });
  await (await connect(service, { verify: "none" })).close();
});

test("trust on first use: the CA is told, kept, renewed, and from then on required", async () => {
  const file = join(folder, "first", "ca.pem");
  const told: string[] = [];
  const options: Partial<ConnectOptions> = {
    verify: "trust-on-first-use",
    caFile: file,
    onTrust: (print) => void told.push(print),
  };
  let offered = ca.pem;
  await using service = await serve({ offeredCa: () => offered });
  await (await connect(service, options)).close();
  expect(told).toEqual([ca.fingerprint]);
  expect((await readFile(file, "utf8")).trim()).toBe(ca.pem.trim());
  expect(service.seen[0]).toMatchObject({ method: "GET", url: "/ssl/ca-certs.pem" });
  expect(service.seen[0]?.headers.authorization).toBeUndefined();

  offered = (await ca.renew()).pem;
  await (await connect(service, options)).close();
  expect((await readFile(file, "utf8")).trim()).toBe(offered.trim());
  expect(told).toHaveLength(1);

  await using impostor = await newService({ ca: await newCa() });
  expect(await failure(connect(impostor, options))).toMatchObject({ class: "OpsiServiceVerificationError" });
  expect(impostor.seen).toEqual([]);
});

test("several connections at once may keep the CA", async () => {
  const own = join(folder, "at-once");
  const options: Partial<ConnectOptions> = { verify: "trust-on-first-use", caFile: join(own, "ca.pem") };
  await using service = await serve();
  const clients = await Promise.all(Array.from({ length: 5 }, () => connect(service, options)));
  await Promise.all(clients.map((client) => client.close()));
  expect(await readdir(own)).toEqual(["ca.pem"]);
});

test("a CA that is refused, or that does not fit the service, is not kept", async () => {
  const file = join(folder, "refused.pem");
  const options: Partial<ConnectOptions> = { verify: "trust-on-first-use", caFile: file };
  await using service = await serve();
  await expect(failure(connect(service, { ...options, onTrust: () => false }))).resolves.toMatchObject({
    class: "OpsiServiceVerificationError",
  });
  const other = await newCa();
  await using wrong = await serve({ offeredCa: () => other.pem });
  await expect(failure(connect(wrong, options))).resolves.toMatchObject({ class: "OpsiServiceVerificationError" });
  await using nonsense = await serve({ offeredCa: () => "hello" });
  await expect(failure(connect(nonsense, options))).resolves.toMatchObject({ class: "OpsiServiceVerificationError" });
  await expect(readFile(file)).rejects.toThrow("ENOENT");
});

test("an expired CA is replaced only on request", async () => {
  const file = join(folder, "expired.pem");
  await writeFile(file, (await newCa({ expired: true })).pem);
  await using service = await serve();
  const options: Partial<ConnectOptions> = { verify: "trust-on-first-use", caFile: file };
  expect(await failure(connect(service, options))).toMatchObject({ class: "OpsiServiceVerificationError" });
  await (await connect(service, { ...options, replaceExpiredCa: true })).close();
  expect((await readFile(file, "utf8")).trim()).toBe(ca.pem.trim());
});

test("old services offer only the opsi CA", async () => {
  const file = join(folder, "old.pem");
  await using service = await serve({
    server: "opsiconfd 4.2.0.300",
    intercept: ({ url }, response) => url === "/ssl/ca-certs.pem" && !!response.writeHead(401).end(),
  });
  await (await connect(service, { verify: "trust-on-first-use", caFile: file })).close();
  expect(service.seen.filter(({ url }) => url === "/ssl/opsi-ca-cert.pem")).toHaveLength(2);
});
