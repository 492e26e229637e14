import { readFileSync } from "node:fs";
import fc from "fast-check";
import { expect, test } from "vitest";
import { allChecks } from "./all-checks.ts";
import { limited, warning, error as wrong } from "./check.ts";
import { spaceFinding } from "./disk-usage.ts";
import { supportFinding } from "./distribution-support.ts";
import { parseOsRelease } from "./os-release.ts";
import { insecure, logLevel } from "./service-options.ts";

test.each([
  [20e9, "ok"],
  [15e9, "ok"],
  [14.9e9, "warning"],
  [7.5e9, "warning"],
  [7.4e9, "error"],
  [0, "error"],
])("%d bytes free are %s", (free, status) => {
  expect(spaceFinding("/srv", free, 100e9).status).toBe(status);
});

const now = new Date("2026-01-15");
test.each([
  ['ID=debian\nVERSION_ID="12"\nPRETTY_NAME="Debian 12"', "ok", "Debian 12 gets security updates until 2028-06-30."],
  ["ID=fedora\nVERSION_ID=43\nSUPPORT_END=2026-12-02", "ok", "fedora 43 gets security updates until 2026-12-02."],
  ["ID=opensuse-leap\nVERSION_ID=15.6\nSUPPORT_END=2026-04-10", "warning", "for 85 more days"],
  ["ID=debian\nVERSION_ID=11\nSUPPORT_END=2025-06-01", "error", "no security updates since 2025-06-01"],
  ["ID=almalinux\nVERSION_ID='9.4'", "ok", "2032-05-31"],
  ["ID=debian\nSUPPORT_END=soon", "warning", "'soon'"],
  ["ID=plan9", "warning", "Nobody here knows"],
  ["", "warning", "Nobody here knows how long the operating system"],
])("%j is %s", (text, status, message) => {
  const finding = supportFinding(parseOsRelease(text), now);
  expect(finding.status).toBe(status);
  expect(finding.message).toContain(message);
});

test("whatever os-release says, there is a finding", () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (name, value) => {
      const release = parseOsRelease(`ID=${name}\n${value}\nSUPPORT_END=${value}`);
      expect(["ok", "warning", "error"]).toContain(supportFinding(release, now).status);
    }),
  );
});

test("of very many findings the first are shown, and no error hides behind the rest", () => {
  const many = Array.from({ length: 5000 }, (_, index) => [`id${index}`, warning("old")] as const);
  const shown = limited([...many, ["last", wrong("broken")]]);
  expect(Object.keys(shown)).toHaveLength(201);
  expect(shown["more"]).toEqual({ status: "error", message: "4801 more." });
});

test.each([
  [4, "ok"],
  [6, "ok"],
  [7, "warning"],
  [8, "error"],
  [9, "error"],
])("log level %d is %s", (level, status) => {
  expect(logLevel("log-level", level).status).toBe(status);
});

test("insecure options are named when they are switched on", () => {
  const options = { hostControlAnyCertificate: false, recoverClients: true, allowHostKeyOnlyAuth: false };
  expect(insecure(options)).toEqual({
    "recover-clients": { status: "warning", message: "The insecure option recover-clients is switched on." },
  });
});

test("docs/health-check.md names every check and what it looks at", () => {
  const text = readFileSync(new URL("../../../../docs/health-check.md", import.meta.url), "utf8");
  const rows = [...text.matchAll(/^\| `(\w+)` \| (.*) \|$/gm)].map(([, id, description]) => [id, description]);
  expect(rows).toEqual(allChecks.map(({ id, description }) => [id, description]));
});
