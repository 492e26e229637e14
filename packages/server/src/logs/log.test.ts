import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { type LogSettings, openLog } from "./log.ts";
import { redacted } from "./redaction.ts";
import { RotatingFile } from "./rotating-file.ts";

function collect(settings: Partial<LogSettings>) {
  const lines: string[] = [];
  const { log } = openLog({
    fileLevel: 0,
    stderrLevel: 6,
    file: null,
    format: "opsi",
    maxBytes: 0,
    keepRotated: 0,
    maxMessage: 200,
    stderr: (line) => lines.push(line),
    ...settings,
  });
  return { log, lines };
}

test("a line has opsi's form: level, time, context, message, fields, subject", () => {
  const { log, lines } = collect({});
  log.child({ subject: "rpc", client: "192.168.1.20" }).notice({ method: "host_getObjects", rows: 3 }, "call answered");
  expect(lines[0]).toMatch(
    /^\[5\] \[\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}\] \[192\.168\.1\.20 {3}\] call answered method=host_getObjects, rows=3 {3}\(rpc\)\n$/,
  );
});

test("what is above the level is not written", () => {
  const { log, lines } = collect({ stderrLevel: 4 });
  log.warning({}, "seen");
  log.notice({}, "not seen");
  expect(lines).toHaveLength(1);
});

test("an error brings its stack", () => {
  const { log, lines } = collect({});
  log.error({ err: new Error("broken pipe") }, "failed");
  expect(lines[0]).toMatch(/failed {3}\(server\)\nError: broken pipe\n\s+at /);
});

test("secrets are replaced below level 9, written at level 9", () => {
  const { log, lines } = collect({ stderrLevel: 9 });
  const fields = {
    opsiHostKey: "x",
    nested: { password: "geheim" },
    url: "https://u:pw@h/",
    id: "0f1e2d3c4b5a69788796a5b4c3d2e1f0",
  };
  log.info(fields, "session 0f1e2d3c4b5a69788796a5b4c3d2e1f0");
  log.secret(fields, "all");
  expect(lines[0]).not.toMatch(/geheim|:pw@|0f1e2d3c|opsiHostKey=x/);
  expect(lines[1]).toMatch(/geheim.*:pw@.*0f1e2d3c/);
});

test("JSON lines carry opsi's level and no secrets", () => {
  const { log, lines } = collect({ format: "json" });
  log.warning({ password: "geheim", rows: 1 }, "text");
  expect(JSON.parse(lines[0] ?? "")).toMatchObject({ level: 4, msg: "text", rows: 1, password: "***secret***" });
});

test("long messages are cut", () => {
  const { log, lines } = collect({ maxMessage: 10 });
  log.error({}, "0123456789abc");
  expect(lines[0]).toContain(" 0123456789… ");
});

test("an Authorization header is no longer readable", () => {
  expect(redacted("Authorization: Basic YWRtaW46YWRtaW4=")).toBe("Authorization: Basic ***secret***");
});

test("a full file is set aside, and only so many are kept", () => {
  const folder = mkdtempSync(join(tmpdir(), "opsi-logs-"));
  try {
    using file = new RotatingFile(join(folder, "deep", "x.log"), 10, 2);
    for (const word of ["aaaaaaaa\n", "bbbbbbbb\n", "cccccccc\n", "dddddddd\n"]) file.write(word);
    expect(readdirSync(join(folder, "deep")).sort()).toEqual(["x.log", "x.log.1", "x.log.2"]);
    expect(readFileSync(join(folder, "deep", "x.log"), "utf8")).toBe("dddddddd\n");
    expect(readFileSync(join(folder, "deep", "x.log.2"), "utf8")).toBe("bbbbbbbb\n");
  } finally {
    rmSync(folder, { recursive: true });
  }
});
