import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { allCommands } from "../all-commands.ts";
import { withReference } from "./manual.ts";

test("docs/cli.md says what can be typed (else run node packages/cli/src/reference/write-reference.ts)", async () => {
  const manual = readFileSync(new URL("../../../../docs/cli.md", import.meta.url), "utf8");
  expect(withReference(manual, await allCommands())).toBe(manual);
});
