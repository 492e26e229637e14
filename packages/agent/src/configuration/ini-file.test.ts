import fc from "fast-check";
import { expect, test } from "vitest";
import { IniFile } from "./ini-file.ts";

const text = `; of the administrator
[Global]
Host_ID = pc1.example.org   
# key
opsi_host_key: 0f1e

[event_timer]
interval=5
`;

test("names are read without case, values without the blanks around them", () => {
  expect(new IniFile(text).sections()).toEqual(
    new Map([
      [
        "global",
        new Map([
          ["host_id", "pc1.example.org"],
          ["opsi_host_key", "0f1e"],
        ]),
      ],
      ["event_timer", new Map([["interval", "5"]])],
    ]),
  );
});

test("a change leaves comments, order and the other lines alone", () => {
  const file = new IniFile(text);
  file.set("global", "host_id", "pc2.example.org");
  file.set("global", "log_level", "6");
  file.set("control_server", "port", "4441");
  expect(file.toString()).toBe(`; of the administrator
[Global]
host_id = pc2.example.org
# key
opsi_host_key: 0f1e
log_level = 6

[event_timer]
interval=5

[control_server]
port = 4441
`);
});

test("an unchanged value changes nothing", () => {
  const file = new IniFile(text);
  file.set("event_timer", "interval", "5");
  expect(file.toString()).toBe(text);
});

test("of equal names the last is changed, because that is the one which is read", () => {
  const file = new IniFile("[global]\nlog_level = 3\nx = 1\n[event_a]\n[Global]\nlog_level = 4\n");
  file.set("global", "log_level", "7");
  expect(file.toString()).toBe("[global]\nlog_level = 3\nx = 1\n[event_a]\n[Global]\nlog_level = 7\n");
  expect(file.sections().get("global")?.get("log_level")).toBe("7");
});

test("a value with line feeds stays one line", () => {
  const file = new IniFile(text);
  file.set("event_timer", "interval", "5\n[global]\nlog_level = 9");
  expect(file.sections().get("global")?.has("log_level")).toBe(false);
  expect(file.sections().get("event_timer")?.get("interval")).toBe("5 [global] log_level = 9");
});

test("only wanted options stay", () => {
  const file = new IniFile(text);
  file.keepOnly((section) => section === "event_timer");
  expect(file.toString()).toBe("; of the administrator\n[Global]\n# key\n\n[event_timer]\ninterval=5\n");
});

const name = fc.stringMatching(/^[a-z][a-z0-9_{}.]{0,10}$/);
const value = fc.stringMatching(/^[^\r\n\0]{0,20}$/).map((given) => given.trim());

test("what is set is read, whatever was there", () => {
  fc.assert(
    fc.property(
      fc.string({ maxLength: 100 }),
      fc.array(fc.tuple(name, name, value), { maxLength: 10 }),
      (before, changes) => {
        let written = before.replaceAll("\r", "");
        const wanted = new Map<string, string>();
        for (const [section, option, given] of changes) {
          const file = new IniFile(written);
          file.set(section, option, given);
          written = file.toString();
          wanted.set(`${section} ${option}`, given);
        }
        const sections = new IniFile(written).sections();
        for (const [section, option] of changes)
          expect(sections.get(section)?.get(option)).toBe(wanted.get(`${section} ${option}`));
      },
    ),
  );
});
