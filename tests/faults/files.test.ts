import { once } from "node:events";
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { connect } from "node:tls";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { admin, basic, client, depotServer, FaultSite, plain, tolerableWait, whileWatched } from "./fault-site.ts";
import { seed } from "./seed.ts";

/* Nobody gets out of the folders that are offered, nor into those that are not his. (service 4) */

const secret = "outside of every folder";
let site: FaultSite;
let before: Readonly<Record<string, string>>;

beforeAll(async () => {
  site = await FaultSite.start();
  await seed(site);
  for (const login of [admin, client, plain, depotServer]) await site.call(login, "backend_info");
  const state = join(site.root, "var/lib/opsi");
  for (const folder of ["depot", "depot/prod", "depot-other", "repository", "public", "workbench"]) {
    mkdirSync(join(state, folder), { recursive: true });
    writeFileSync(join(state, folder, "file.txt"), folder === "depot-other" ? secret : `in ${folder}`);
  }
  writeFileSync(join(state, "outside.txt"), secret);
  symlinkSync("../../outside.txt", join(state, "depot/prod/link-out"));
  symlinkSync("/etc", join(state, "depot/prod/absolute"));
  symlinkSync("../..", join(state, "depot/prod/up"));
  symlinkSync("link-two", join(state, "depot/prod/link-one"));
  symlinkSync("link-one", join(state, "depot/prod/link-two"));
  for (const name of ["first", "second"]) symlinkSync(".", join(state, "depot/prod", name));
});
beforeEach(() => {
  before = site.snapshot();
});
afterAll(() => site[Symbol.asyncDispose]());

const dots = [
  "..",
  "%2e%2e",
  "%2E%2E",
  ".%2e",
  "%2e.",
  "%252e%252e",
  "%c0%ae%c0%ae",
  "%e0%80%ae%e0%80%ae",
  "..%00",
  "..;",
  "%u002e%u002e",
  "\uff0e\uff0e",
];
const slashes = ["/", "%2f", "%5c", "\\", "%252f", "%c0%af", "//", "/./"];
const targets = ["outside.txt", "depot-other/file.txt", "opsi.sqlite"];
const climbs = dots.flatMap((up) => slashes.flatMap((slash) => targets.map((target) => `${up}${slash}${target}`)));

test("no spelling of two dots leads out of a folder", async () => {
  const starts = [
    "/depot/",
    "/depot/prod/../",
    "/dav/depot/",
    "/dav/public/",
    "/public/",
    "/boot/",
    "/repository/",
    "/workbench/",
    "/static/",
    "/file-transfer/",
  ];
  for (const start of starts) {
    for (const climb of climbs) {
      for (const method of start === "/depot/" ? ["GET", "PROPFIND"] : ["GET"]) {
        const path = encodeURI(`${start}${climb}`).replaceAll("%25", "%");
        const { status, text } = await site.send(method, path, { login: admin, headers: { depth: "0" } });
        expect([path, status >= 400, text.includes(secret)]).toEqual([path, true, false]);
        expect([path, [400, 403, 404, 405, 422].includes(status)]).toEqual([path, true]);
      }
    }
  }
  expect(site.snapshot()).toEqual(before);
});

test.each([
  ...["/depot/prod/link-out", "/depot/prod/absolute/passwd", "/depot/prod/absolute/", "/depot/prod/up/outside.txt"],
  ...["/dav/depot/prod/up/outside.txt", "/depot/PROD/LINK-OUT", "/depot/prod/first/second/link-out"],
])("the link %s leads nowhere", async (path) => {
  for (const method of ["GET", "HEAD", "PROPFIND", "PUT", "DELETE", "MKCOL", "LOCK", "PROPPATCH", "COPY", "MOVE"]) {
    const headers = { depth: "0", destination: "/depot/stolen" };
    const { status, text } = await site.send(method, path, { login: admin, headers });
    expect([method, [403, 404, 405, 409, 412].includes(status)]).toEqual([method, true]);
    expect(text).not.toContain(secret);
  }
  expect(site.snapshot()).toEqual(before);
});

test("links are not followed in lists and copies, and links in a circle do not go on for ever", async () => {
  const { result, longest } = await whileWatched(
    site,
    site.send("PROPFIND", "/depot/", { login: client, headers: { depth: "infinity" } }),
  );
  expect(result.status).toBe(207);
  expect(result.text).not.toMatch(/link-out|absolute|\/up/);
  expect(result.text.split("<D:response>").length).toBeLessThan(50);
  expect(longest).toBeLessThan(tolerableWait);
  const listing = await site.send("GET", "/depot/prod/", { login: client });
  expect(listing.text).not.toMatch(/link-out|absolute/);
  const copied = await site.send("COPY", "/depot/prod/", { login: admin, headers: { destination: "/depot/copy" } });
  expect(copied.status).toBe(201);
  expect(readdirSync(join(site.root, "var/lib/opsi/depot/copy"))).toEqual(["file.txt"]);
  expect((await site.send("DELETE", "/depot/copy", { login: admin })).status).toBe(204);
  expect(site.snapshot()).toEqual(before);
});

test.each([
  ["a client", client],
  ["a user without rights", plain],
  ["nobody", undefined],
])("%s cannot write anywhere", async (_who, login) => {
  const headers = { destination: "/depot/prod/new.txt", depth: "0" };
  for (const path of [
    "/depot/prod/file.txt",
    "/depot/new",
    "/repository/x",
    "/workbench/x",
    "/public/x",
    "/boot/x",
    "/dav/depot/x",
    "/dav/public/x",
  ]) {
    for (const method of ["PUT", "DELETE", "MKCOL", "COPY", "MOVE", "LOCK", "UNLOCK", "PROPPATCH", "POST", "PATCH"]) {
      const { status } = await site.send(method, path, {
        login,
        headers,
        ...(method === "PUT" ? { body: "evil" } : {}),
      });
      expect([method, path, status >= 400]).toEqual([method, path, true]);
    }
  }
  for (const path of ["/repository/", "/workbench/", "/dav/", "/repository/file.txt", "/dav/depot/prod/file.txt"]) {
    for (const method of ["GET", "PROPFIND"]) {
      const { status } = await site.send(method, path, { login, headers: { depth: "0" } });
      expect([method, path, status]).toEqual([method, path, 401]);
    }
  }
  expect(site.snapshot()).toEqual(before);
});

test.each([
  ...[
    "/depot/../outside.txt",
    "/depot/%2e%2e/outside.txt",
    "/depot/..%2foutside.txt",
    "/repository/x",
    "/dav/repository/x",
    "/dav/depot/x",
  ],
  ...[
    "https://evil.test/depot/x",
    "//evil.test/depot/x",
    "http://127.0.0.1/depot/x",
    "depot/x",
    "",
    "file:///etc/passwd",
    "/depot",
    "/depot/",
  ],
  ...[
    "/depot/prod/up/x",
    "/depot/prod/absolute/x",
    "/depot/x%00y",
    "/depot/%ff",
    "/depot/prod/file.txt/x",
    "/depot/.opsi-upload-0",
    "\u00ff",
  ],
  `/depot/${"x".repeat(300)}`,
])("COPY and MOVE to %j are refused", async (destination) => {
  for (const method of ["COPY", "MOVE"]) {
    const headers = destination === "" ? {} : { destination };
    const { status } = await site.send(method, "/depot/prod/file.txt", { login: admin, headers });
    expect([method, [400, 403, 404, 409, 412, 502].includes(status)]).toEqual([method, true]);
  }
  expect(site.snapshot()).toEqual(before);
});

describe("XML", () => {
  const propfind = (body: string, path = "/public/") =>
    whileWatched(site, site.send("PROPFIND", path, { headers: { depth: "1" }, body }));
  const wrap = (inner: string, attributes = "") => `<D:propfind xmlns:D="DAV:" ${attributes}>${inner}</D:propfind>`;
  const numbered = (count: number, make: (index: number) => string) =>
    Array.from({ length: count }, (_, index) => make(index)).join("");
  test.each<[what: string, body: string]>([
    ["an entity", `<!DOCTYPE x [<!ENTITY a "b">]>${wrap("<D:allprop/>")}`],
    [
      "a billion laughs",
      `<!DOCTYPE x [<!ENTITY a "ha">${numbered(9, (n) => `<!ENTITY a${n} "${"&a;".repeat(10)}">`)}]>${wrap("&a8;")}`,
    ],
    ["a file", `<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]>${wrap("<D:prop>&f;</D:prop>")}`],
    ["a document type elsewhere", '<!DOCTYPE x SYSTEM "https://evil.test/x.dtd"><x/>'],
    ["an unknown entity", wrap("&nbsp;")],
    ["an entity named like a member", wrap("&constructor;")],
    ["a character that cannot be", wrap("&#0;")],
    ["half a surrogate", wrap("&#xD800;")],
    [
      "60 000 attributes",
      wrap(
        "<D:allprop/>",
        numbered(60_000, (n) => `a${n}="" `),
      ),
    ],
    [
      "20 000 namespaces and 30 000 elements",
      wrap(
        '<x xmlns:b="u"/>'.repeat(30_000),
        numbered(20_000, (n) => `xmlns:a${n}="u" `),
      ),
    ],
    ["90 000 properties", wrap(`<D:prop>${numbered(90_000, (n) => `<x${n}/>`)}</D:prop>`)],
    ["100 000 elements in each other", "<a>".repeat(100_000)],
    ["an end that does not fit", wrap("</D:prop>")],
    ["a tag of blanks", `<a${" ".repeat(900_000)}`],
    ["a tag of quotes", `<a ${'b="'.repeat(100_000)}`],
    ["a comment without end", `<!--${"-".repeat(900_000)}`],
    ["a prefix that nobody declared", "<x:propfind/>"],
    ["two roots", "<a/><b/>"],
    ["bytes that are no UTF-8", "<a>\ud800</a>".replace("\ud800", "\u00ff\u0000")],
    ["no XML", "x".repeat(500_000)],
  ])("%s is refused at once", async (_what, body) => {
    const { result, longest } = await propfind(body);
    expect(result.status).toBe(400);
    expect(longest).toBeLessThan(tolerableWait);
  });

  test("a body of many megabytes is refused", async () => {
    const { result } = await propfind("x".repeat(20_000_000));
    expect(result.status).toBe(413);
  });

  test("who locks cannot spoil the list for others", async () => {
    const lock = (owner: string) => {
      const body = `<D:lockinfo xmlns:D="DAV:"><D:lockscope><D:exclusive/></D:lockscope><D:locktype><D:write/></D:locktype><D:owner>${owner}</D:owner></D:lockinfo>`;
      return site.send("LOCK", "/workbench/file.txt", { login: admin, body });
    };
    expect((await lock(`<x>${"y".repeat(5000)}</x>`)).status).toBe(400);
    expect((await lock("&#x1;")).status).toBe(400);
    const taken = await lock("<![CDATA[</D:owner><script>alert(1)</script>]]>");
    expect(taken.status).toBe(200);
    const { text } = await site.send("PROPFIND", "/workbench/", { login: admin, headers: { depth: "1" } });
    expect(text).not.toContain("<script>");
    await site.send("UNLOCK", "/workbench/file.txt", {
      login: admin,
      headers: { "lock-token": taken.headers["lock-token"] ?? "" },
    });
  });
});

/** Sends the beginning of a request; when the server has begun to write it sends nonsense, or goes away. */
async function cutRequest(text: string, folder: string, nonsense = ""): Promise<void> {
  const path = join(site.root, "var/lib/opsi", folder);
  const names = () => (existsSync(path) ? readdirSync(path).sort() : []);
  const namesBefore = names();
  const socket = connect({ host: "127.0.0.1", port: site.port, rejectUnauthorized: false });
  await once(socket, "secureConnect");
  socket.resume(); // reads an answer, as clients do
  socket.write(text);
  await expect.poll(names, { timeout: 10_000, interval: 5 }).not.toEqual(namesBefore);
  if (nonsense === "") socket.destroy();
  else socket.write(nonsense);
  await expect.poll(names, { timeout: 10_000, interval: 5 }).toEqual(namesBefore);
  socket.destroy();
}

test("an upload that is cut leaves the old file and nothing else", async () => {
  const head = (path: string, login: string) =>
    `PUT ${path} HTTP/1.1\r\nHost: x\r\nAuthorization: ${basic(login)}\r\nContent-Length: 1000000\r\n\r\n${"new".repeat(1000)}`;
  for (const [folder, name] of [
    ["depot/prod", "file.txt"],
    ["depot/prod", "new.bin"],
    ["repository", "file.txt"],
  ] as const) {
    for (const login of [admin, depotServer]) await cutRequest(head(`/${folder}/${name}`, login), folder);
  }
  await cutRequest(
    `POST /file-transfer HTTP/1.1\r\nHost: x\r\nAuthorization: ${basic(client)}\r\nContent-Length: 99\r\n\r\nhalf`,
    "tmp/file-transfer",
  );
  await cutRequest(
    `PUT /depot/prod/file.txt HTTP/1.1\r\nHost: x\r\nAuthorization: ${basic(admin)}\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n`,
    "depot/prod",
    "ZZ\r\n",
  );
  const after = { ...site.snapshot() };
  delete after["var/lib/opsi/tmp/file-transfer"];
  const expected = { ...before };
  delete expected["var/lib/opsi/tmp/file-transfer"];
  expect(after).toEqual(expected);
  expect(readFileSync(join(site.root, "var/lib/opsi/depot/prod/file.txt"), "utf8")).toBe("in depot/prod");
});

describe("stored files", () => {
  test.each([
    "../opsi.sqlite",
    "..%2f..%2foutside.txt",
    "%2e%2e",
    "00000000-0000-0000-0000-000000000000",
    "*",
    "x".repeat(5000),
    "%00",
  ])("the id %.40s finds nothing", async (id) => {
    for (const method of ["GET", "DELETE"]) {
      const { status, text } = await site.send(method, `/file-transfer/${id}`, { login: client });
      expect([method, status === 200 && method === "GET"]).toEqual([method, false]);
      expect(text).not.toContain(secret);
    }
    expect(site.snapshot()).toEqual(before);
  });

  test("a name with a path or a header in it comes back harmless", async () => {
    const name = '../../x"; filename=evil\r\nSet-Cookie: a=b\u00e4<script>';
    const body = `--b\r\nContent-Disposition: form-data; name="file"; filename="${name.replaceAll('"', "%22").replaceAll("\r\n", " ")}"\r\nContent-Type: text/html\r\n\r\n<script>\r\n--b--\r\n`;
    const headers = { "content-type": "multipart/form-data; boundary=b" };
    const { status, text } = await site.send("POST", "/file-transfer/multipart", { login: client, headers, body });
    expect(status).toBe(201);
    const { file_id: id } = JSON.parse(text) as { file_id: string };
    const fetched = await site.send("GET", `/file-transfer/${id}?delete=true`, { login: client });
    expect(fetched.text).toBe("<script>");
    expect(fetched.headers["content-disposition"]).toMatch(/^attachment; filename\*=utf-8''[\w%.\-~/]+$/);
    expect(fetched.headers["x-content-type-options"]).toBe("nosniff");
    expect(existsSync(join(site.root, "var/lib/opsi/x"))).toBe(false);
    await expect.poll(() => readdirSync(join(site.root, "var/lib/opsi/tmp/file-transfer"))).toEqual([]);
  });

  test.each<[what: string, contentType: string, body: string]>([
    ["no boundary", "multipart/form-data", "x"],
    [
      "a form that ends too early",
      "multipart/form-data; boundary=b",
      '--b\r\nContent-Disposition: form-data; name="file"; filename="x"\r\n\r\nhalf',
    ],
    ["a head without end", "multipart/form-data; boundary=b", `--b\r\n${"x".repeat(100_000)}`],
    [
      "no file",
      "multipart/form-data; boundary=b",
      '--b\r\nContent-Disposition: form-data; name="x"\r\n\r\ny\r\n--b--\r\n',
    ],
  ])("a form with %s leaves nothing", async (_what, contentType, body) => {
    const { status } = await site.send("POST", "/file-transfer/multipart", {
      login: client,
      headers: { "content-type": contentType },
      body,
    });
    expect(status).toBe(422);
    expect(site.snapshot()).toEqual(before);
  });
});
