import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { admin, basic, client, depot, FaultSite, other, own, passwords, plain, server, sleep } from "./fault-site.ts";
import { secrets, seed } from "./seed.ts";

/* Who says the wrong thing learns nothing, and what is secret stands in no log. (service 3, 1.9, 8.7) */

let site: FaultSite;
beforeAll(async () => {
  const limits = ["--max-auth-failures", "5", "--auth-failures-interval", "60", "--client-block-time", "60"];
  site = await FaultSite.start({ words: [...limits, "--log-level-file", "8", "--max-log-size", "0"] });
  await seed(site);
  await site.call(client, "backend_info");
});
afterAll(() => site[Symbol.asyncDispose]());

let addresses = 0;
/** Every case comes from an address of its own, so that it is not blocked for what others did. */
const fromSomewhere = () => ({ "x-forwarded-for": `192.0.2.${++addresses}` });

describe("wrong credentials", () => {
  const key = own.key;
  test.each<[what: string, authorization: string]>([
    ["a wrong password", basic("boss:wrong")],
    ["a password in other case", basic(`boss:${passwords.boss.toLowerCase()}`)],
    ["a password with a blank", basic(`boss:${passwords.boss} `)],
    ["the beginning of a password", basic(`boss:${passwords.boss.slice(0, -1)}`)],
    ["the hash of a password", basic("boss:scrypt$16$8$1$c2FsdA$x")],
    ["no password", basic("boss:")],
    ["no name and no password", basic(":")],
    ["a key without name", basic(`:${key}`)],
    ["an unknown user", basic("nobody:x")],
    ["a member of the prototype", basic("constructor:x")],
    ["__proto__", basic("__proto__:x")],
    ["an unknown host", basic(`pc9.corpus.test:${key}`)],
    ["the key of another host", basic(`${own.id}:${other.key}`)],
    ["a key in upper case", basic(`${own.id}:${key.toUpperCase()}`)],
    ["a wildcard for a name", basic(`*.corpus.test:${key}`)],
    ["a wildcard for a key", basic(`${own.id}:*`)],
    ["an operator for a name", basic(`>a.corpus.test:${key}`)],
    ["SQL for a name", basic(`x.y.z' OR '1'='1:${key}`)],
    ["a NUL behind the name", basic(`${own.id}\0:${key}`)],
    ["a hardware address of nobody", basic(`00:11:22:33:44:99:${key}`)],
    ["a UUID that is none", basic(`{system_uuid}%:${key}`)],
    ["a hardware address that is none", basic(`{hardware_address}*:${key}`)],
    ["a name of 40 000 characters", basic(`${"x".repeat(40_000)}:x`)],
    ["a password of 40 000 characters", basic(`boss:${"x".repeat(40_000)}`)],
    ["no colon", basic("boss")],
    ["bytes that are no UTF-8", `Basic ${Buffer.from([0x62, 0xff, 0x3a, 0x78]).toString("base64")}`],
    ["no base64", "Basic !!!!"],
    ["half of base64", "Basic Ym9zczp"],
    ["nothing", "Basic "],
    ["another scheme", "Bearer abc"],
    ["another case of the scheme", `basic ${basic(admin).slice(6)}`],
  ])("%s", async (_what, authorization) => {
    const before = site.snapshot();
    const answer = await site.send("GET", "/auth/authenticated", { headers: { authorization, ...fromSomewhere() } });
    expect(answer.status).toBe(401);
    expect(answer.text).toMatch(/^Authentication (error|method unsupported)|Authorization method unsupported$/);
    expect(answer.headers["set-cookie"]).toBeUndefined();
    expect(answer.headers["x-opsi-user-id"]).toBeUndefined();
    expect(site.snapshot()).toEqual(before);
  });

  test("a one-time password works once", async () => {
    const headers = { authorization: basic(`${other.id}:${secrets.oneTimePassword}`) };
    const statuses: number[] = [];
    for (let time = 0; time < 2; time++) {
      statuses.push(
        (await site.send("GET", "/auth/authenticated", { headers: { ...headers, ...fromSomewhere() } })).status,
      );
    }
    expect(statuses).toEqual([200, 401]);
  });
});

test("an address that guesses is blocked, others are not, and a session from there goes on", async () => {
  const guesser = { "x-forwarded-for": "198.51.100.7" };
  const login = (name: string, headers: object) => {
    return site.send("GET", "/auth/authenticated", { headers: { authorization: basic(name), ...headers } });
  };
  const session = (await login(client, guesser)).headers["set-cookie"]?.split(";")[0] ?? "";
  expect(session).toContain("opsiconfd-session=");
  const tries = await Promise.all(Array.from({ length: 12 }, (_, index) => login(`boss:guess-${index}`, guesser)));
  const statuses = tries.map(({ status }) => status).sort();
  expect(statuses.filter((status) => status === 401).length).toBeLessThanOrEqual(6);
  expect(statuses.at(-1)).toBe(403);
  expect((await login(admin, guesser)).status).toBe(403); // even with the right password
  expect((await login(client, guesser)).text).toBe("Client '198.51.100.7' is blocked");
  expect((await site.send("GET", "/auth/authenticated", { headers: { cookie: session, ...guesser } })).status).toBe(
    200,
  );
  expect((await login(client, { "x-forwarded-for": "198.51.100.8" })).status).toBe(200);
  await site.send("POST", "/admin/unblock-all", { login: admin });
  expect((await login(client, guesser)).status).toBe(200);
});

describe("sessions", () => {
  const ask = (headers: Readonly<Record<string, string>>, path = "/auth/authenticated") =>
    site.send("GET", path, { headers });
  const cookie = (id: string) => ({ cookie: `opsiconfd-session=${id}` });

  test.each(["0".repeat(32), "*", "", "../../", "__proto__", "constructor", "x".repeat(50_000), "%00"])(
    "the id %.40j opens nothing, and no session gets it",
    async (id) => {
      const answer = await ask(cookie(id));
      expect(answer.status).toBe(401);
      const { text } = await ask({}, `/auth/session_id?session_id=${encodeURIComponent(id)}`);
      expect(JSON.parse(text)).toMatch(/^[0-9a-f]{32}$/);
      expect(JSON.parse(text)).not.toBe(id);
    },
  );

  test("what stands of an id in lists is not enough, an ended or expired one is nothing", async () => {
    const first = await ask({ authorization: basic(client), "x-opsi-session-lifetime": "4" });
    const id = /session=([0-9a-f]+)/.exec(first.headers["set-cookie"] ?? "")?.[1] ?? "";
    expect((await ask(cookie(id))).status).toBe(200);
    const { text } = await site.send("GET", "/admin/session-list", { login: admin });
    expect(text).toContain(`${id.slice(0, 6)}...`);
    expect(text).not.toContain(id);
    await sleep(4300);
    expect((await ask(cookie(id))).status).toBe(401);
    const second = await ask({ authorization: basic(client) });
    const ended = /session=([0-9a-f]+)/.exec(second.headers["set-cookie"] ?? "")?.[1] ?? "";
    await ask(cookie(ended), "/auth/logout");
    expect((await ask(cookie(ended))).status).toBe(401);
  });

  test("a failed login leaves the session what it was", async () => {
    const first = await ask({ authorization: basic(plain) });
    const session = cookie(/session=([0-9a-f]+)/.exec(first.headers["set-cookie"] ?? "")?.[1] ?? "");
    const headers = { ...session, "content-type": "application/json", ...fromSomewhere() };
    const failed = await site.send("POST", "/auth/login", { headers, body: '{"username":"boss","password":"x"}' });
    expect(failed.status).toBe(401);
    const after = await ask(session);
    expect([after.status, after.headers["x-opsi-user-id"]]).toEqual([200, "user:guest"]);
  });
});

test("no key, password or session id stands in a log or an answer that did not ask for it", async () => {
  const changed = "Changed-Secret-2468";
  await site.call(admin, "user_setCredentials", "pcpatch", changed);
  await site.call(admin, "user_setCredentials", "pcpatch", `${changed}"`); // refused
  await site.call(
    admin,
    "host_createOpsiClient",
    "bad host",
    own.key,
    "x",
    "x",
    "x",
    "x",
    "x",
    secrets.oneTimePassword,
  );
  await site.call(admin, "host_updateObject", {
    type: "OpsiClient",
    id: "x",
    opsiHostKey: other.key,
    oneTimePassword: "One-Time-13579",
  });
  await site.call(admin, "host_updateObject", { type: "OpsiClient", id: own.id, opsiHostKey: `${own.key}0` });
  await site.call(client, "host_getObjects", [], { opsiHostKey: other.key });
  await site.send(
    "GET",
    `/rpc?${encodeURIComponent(`{"method":"user_setCredentials","params":["a","${changed}",]}`)}`,
    { login: admin },
  );
  await site.send("GET", `/nowhere?session_id=${site.sessionId(admin)}&password=${changed}`);
  await site.send("POST", "/auth/login", {
    json: { username: "boss", password: `${passwords.boss}x` },
    headers: fromSomewhere(),
  });
  const keys = [server.key, depot.key, other.key, own.key];
  const sessions = [admin, client, plain].map((login) => site.sessionId(login)).filter((id) => id !== "");
  expect(sessions.length).toBeGreaterThan(1);
  const hidden = [
    ...keys,
    ...sessions,
    ...Object.values(passwords),
    ...Object.values(secrets),
    changed,
    "One-Time-13579",
  ];
  const logs = site.logs() + site.output;
  expect(logs.length).toBeGreaterThan(5000);
  expect(hidden.filter((text) => logs.includes(text))).toEqual([]);
  const shown = hidden.filter((text) => site.answers.some((answer) => answer.includes(text)));
  // the refusal of a host that could not be made says what was given: to who gave it
  expect(
    shown.filter((text) => !keys.includes(text) && text !== secrets.oneTimePassword && text !== "One-Time-13579"),
  ).toEqual([]);
});
