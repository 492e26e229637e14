import fc from "fast-check";
import { expect, test } from "vitest";
import { cookieSessionId } from "./session-cookie.ts";

const id = "0123456789abcdef0123456789abcdef";

test.each([
  [`opsiconfd-session=${id}`, id],
  [`OPSICONFD-Session=${id.toUpperCase()}`, id],
  [`NULL; opsiconfd-session=${id}`, id],
  [` opsiconfd-session = ${id} `, id],
  [`a=b; opsiconfd-session=${id}; c=d`, id],
  [`opsiconfd-session=${id}; opsiconfd-session=other`, id],
  [`opsiconfd-session="${id}"`, `"${id}"`],
  [`other=${id}`, null],
  ["opsiconfd-session", null],
  ["", null],
])("%j", (header, expected) => {
  expect(cookieSessionId(header)).toBe(expected);
});

test("any header gives an id in lower case without blanks around it, or none", () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.string().map((text) => `opsiconfd-session=${text}`),
      ),
      (header) => {
        const found = cookieSessionId(header);
        if (found !== null) expect(found).toBe(found.trim().toLowerCase());
      },
    ),
  );
});
