import { expect, test } from "vitest";
import { testSurroundings } from "../testing/test-surroundings.ts";
import { formatBytes, startProgress } from "./progress.ts";

test("without a terminal there is a line at the beginning and one at the end", () => {
  const { stderr, errors } = testSurroundings();
  using progress = startProgress(stderr, "Sending", { total: 10 });
  progress.update(5);
  progress.finish("Sent");
  expect(errors()).toBe("Sending ...\nSent\n");
});

test("on a terminal the bar is gone at the end, and never wider than the terminal", () => {
  const { stderr, errors } = testSurroundings({ terminal: true, columns: 40 });
  {
    using _progress = startProgress(stderr, "A rather long name of something", { total: 10, format: formatBytes });
  }
  expect(errors().endsWith("\r\u001b[K")).toBe(true);
  expect(errors()).not.toContain("\n");
  for (const drawn of errors().split("\r\u001b[K")) expect(drawn.length).toBeLessThan(40);
});

test.each([
  [0, "0 B"],
  [1023, "1023 B"],
  [1536, "1.5 KiB"],
  [5 * 2 ** 30, "5.0 GiB"],
])("%i bytes are %s", (bytes, text) => {
  expect(formatBytes(bytes)).toBe(text);
});
