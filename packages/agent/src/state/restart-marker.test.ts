import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { isMarked, leaveMarker, markerPath, takeMarker } from "./restart-marker.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "opsi-marker-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

test.each<[what: string, text: string | null, types: string[], script: string | null, stays: boolean]>([
  ["no marker disables nothing", null, [], null, false],
  ["an empty one is the old form", "", ["gui startup", "daemon startup"], null, false],
  ["types are listed", "# x\nDisabled_Event_Types = GUI startup , timer\n", ["gui startup", "timer"], null, false],
  [
    "a script disables the start events",
    "run_opsi_script = x,y.opsiscript",
    ["gui startup", "daemon startup"],
    "x,y.opsiscript",
    false,
  ],
  [
    "it may stay",
    "remove_marker = false\nrestart_service = false\ndisabled_event_types = timer",
    ["timer"],
    null,
    true,
  ],
])("%s", async (_what, text, types, script, stays) => {
  const path = markerPath(folder);
  if (text !== null) await writeFile(path, text);
  expect(await takeMarker(path)).toEqual({ disabledTypes: new Set(types), runScript: script });
  expect(await isMarked(path)).toBe(stays);
});

test("the agent's own marker does not replace that of a package", async () => {
  const path = markerPath(folder);
  await leaveMarker(path);
  expect((await takeMarker(path)).disabledTypes).toEqual(new Set(["gui startup", "daemon startup"]));
  await writeFile(path, "disabled_event_types = timer");
  await leaveMarker(path);
  expect((await takeMarker(path)).disabledTypes).toEqual(new Set(["timer"]));
});
