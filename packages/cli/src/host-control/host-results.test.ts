import { expect, test } from "vitest";
import { hostResults } from "./host-results.ts";

test("texts and objects are errors, and one of them makes the command fail", () => {
  const answer = hostResults({
    "pc3.example.org": { result: null, error: "timed out after 15.00 seconds" },
    "pc1.example.org": { result: null, error: null },
    // As the message bus gives it. (methods §10.2)
    "pc2.example.org": { result: null, error: { code: 0, message: "No such event", data: {} } },
  });
  expect(answer).toMatchObject({
    rows: [
      { clientId: "pc1.example.org", result: "ok", error: null },
      { clientId: "pc2.example.org", error: "No such event" },
      { clientId: "pc3.example.org", error: "timed out after 15.00 seconds" },
    ],
    failure: "2 of 3 clients could not be reached or refused",
  });
});

test("when all of them did it, the command succeeded", () => {
  expect(hostResults({ "pc1.example.org": { result: "sent", error: null } }).failure).toBeUndefined();
});
