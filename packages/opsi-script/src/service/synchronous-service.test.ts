import { expect, test, vi } from "vitest";
import { SynchronousService } from "./synchronous-service.ts";
import { startTestService } from "./test-service.ts";

test("an answer that comes too late is not taken for that of the next call", async () => {
  await using started = await startTestService({ first: "first", second: "second", third: "third" }, 400);
  const service = new SynchronousService(started.login, "pc1.example.org");
  try {
    // the time that is allowed on top of the timeout is 30 seconds
    expect(() => service.call("first", [], -29.95)).toThrow("No answer to first");
    expect(service.call("second", [])).toBe("second");
    expect(service.call("third", [])).toBe("third");
  } finally {
    service.close();
  }
});

test("who is done logs out", async () => {
  await using started = await startTestService({ first: "first" });
  const service = new SynchronousService(started.login, "pc1.example.org");
  expect(service.call("first", [])).toBe("first");
  service.close();
  service.close();
  await vi.waitFor(() => expect(started.calls).toEqual(["first", "backend_exit"]), 10_000);
});
