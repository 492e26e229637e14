import { isOpsiError } from "@opsi-ts/model";
import fc from "fast-check";
import { expect, test } from "vitest";
import { parseListing } from "./webdav-listing.ts";

const response = (href: string, properties = "") =>
  `<ns0:response><ns0:href>${href}</ns0:href><ns0:propstat><ns0:prop>${properties}</ns0:prop><ns0:status>HTTP/1.1 200 OK</ns0:status></ns0:propstat></ns0:response>`;
const multistatus = (...responses: string[]) =>
  `<?xml version='1.0' encoding='UTF-8'?>\n<ns0:multistatus xmlns:ns0="DAV:">${responses.join("\n")}</ns0:multistatus>`;

test("files and folders as the service lists them (service §4.2)", () => {
  const xml = multistatus(
    response(
      "/depot/",
      "<ns0:resourcetype><ns0:collection /></ns0:resourcetype><ns0:displayname>depot</ns0:displayname>",
    ),
    response(
      "/depot/a%20%C3%BC%26b.txt",
      "<ns0:resourcetype /><ns0:getcontentlength>1234</ns0:getcontentlength><ns0:getlastmodified>Sun, 06 Nov 1994 08:49:37 GMT</ns0:getlastmodified>",
    ),
    response(
      "/depot/x&amp;y/",
      "<ns0:resourcetype><ns0:collection/></ns0:resourcetype><ns0:getcontentlength>0</ns0:getcontentlength>",
    ),
  );
  expect(parseListing(xml)).toEqual([
    { path: "/depot", name: "depot", size: null, directory: true, modified: null },
    {
      path: "/depot/a ü&b.txt",
      name: "a ü&b.txt",
      size: 1234,
      directory: false,
      modified: new Date("1994-11-06T08:49:37Z"),
    },
    { path: "/depot/x&y", name: "x&y", size: null, directory: true, modified: null },
  ]);
});

test.each<[what: string, xml: string, path: string]>([
  ["no prefix", '<multistatus xmlns="DAV:"><response><href>/a</href></response></multistatus>', "/a"],
  [
    "another prefix and attributes",
    '<D:multistatus xmlns:D="DAV:"><D:response a="b/c"><D:href x="1">/a</D:href></D:response></D:multistatus>',
    "/a",
  ],
  ["a whole address", multistatus(response("https://depot1.example.org:4447/depot/a")), "/depot/a"],
  [
    "CDATA, comments, entities",
    multistatus("<!-- <ns0:href>/no</ns0:href> -->", response("<![CDATA[/a]]>&#47;b&#x2F;c")),
    "/a/b/c",
  ],
  ["escapes that are not UTF-8", multistatus(response("/%FF")), "/%FF"],
  [
    "an href within the properties",
    multistatus(response("/a", "<lockroot><ns0:href>/other</ns0:href></lockroot>")),
    "/a",
  ],
  ["line ends around the path", multistatus(response("\n  /a\n")), "/a"],
])("%s", (_what, xml, path) => {
  expect(parseListing(xml).map((entry) => entry.path)).toEqual([path]);
});

test.each([
  "",
  "<html></html>",
  multistatus(response("/a")).slice(0, -60),
  multistatus(response("/a")).slice(0, -5),
  "<multistatus><response>",
])("no listing: %j", (xml) => {
  expect(() => parseListing(xml)).toThrow("Folder listing");
});

test("any text gives a listing or a typed error", () => {
  const piece = fc.constantFrom(
    "<multistatus>",
    "</multistatus>",
    "<a:response>",
    "</a:response>",
    "<href>",
    "</href>",
    "<",
    ">",
    "&#",
    "&#x110000;",
    "%",
    "<!--",
    "-->",
    "<![CDATA[",
    "]]>",
    "x",
    "/",
  );
  fc.assert(
    fc.property(fc.array(fc.oneof(piece, fc.string({ maxLength: 4 }))), (parts) => {
      try {
        parseListing(parts.join(""));
      } catch (error) {
        expect(isOpsiError(error, "OpsiServiceError")).toBe(true);
      }
    }),
  );
});

test("a listing of many names takes time in proportion, also a broken one", () => {
  for (const xml of [
    multistatus(...Array.from({ length: 20_000 }, (_, index) => response(`/depot/${index}`))),
    "<a ".repeat(200_000),
    "<!--".repeat(200_000),
    "<![CDATA[".repeat(100_000),
  ]) {
    const start = performance.now();
    try {
      parseListing(xml);
    } catch {
      // only the time counts
    }
    expect(performance.now() - start).toBeLessThan(3000);
  }
});
