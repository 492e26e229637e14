import { expect, test } from "vitest";
import { parseMySqlUrl } from "./mysql-settings.ts";

test("user and password of an address are decoded, keys of the file are taken from its query", () => {
  const settings = parseMySqlUrl("mysql+mysqldb://op%40si:p%C3%A4ss%2Fword@[::1]:3307/site?connectionPoolSize=5");
  expect(settings).toEqual({
    address: "::1",
    port: 3307,
    database: "site",
    username: "op@si",
    password: "p\u00e4ss/word",
    connections: 15,
    tls: null,
  });
});

// The server did not start and said only "URI malformed".
test("a % in a password that begins no code is itself", () => {
  expect(parseMySqlUrl("mysql://opsi:100%sure@db/opsi").password).toBe("100%sure");
});
