import { expect, test } from "vitest";
import { UsageError } from "../usage-error.ts";
import { type Answer, rows, value } from "./answer.ts";
import { formatAnswer, type Presentation } from "./format-answer.ts";

const plain: Presentation = {
  format: "table",
  attributes: null,
  sortBy: null,
  header: true,
  color: false,
  width: null,
};
const show = (answer: Answer, changes: Partial<Presentation>) =>
  Buffer.from(formatAnswer(answer, { ...plain, ...changes })).toString();

const clients = rows(
  [
    { id: "pc2", description: 'a; "b"', online: true, tags: ["x", "y"], seen: null },
    { id: "pc1", description: "ü", online: false, tags: [], seen: null },
  ],
  ["id", "description", "online", "tags", "seen"],
);

test("a table", () => {
  expect(show(clients, {})).toBe(
    [
      "╭─────┬─────────────┬────────┬──────┬──────╮",
      "│ id  │ description │ online │ tags │ seen │",
      "├─────┼─────────────┼────────┼──────┼──────┤",
      '│ pc2 │ a; "b"      │ true   │ x, y │      │',
      "│ pc1 │ ü           │ false  │      │      │",
      "╰─────┴─────────────┴────────┴──────┴──────╯",
      "",
    ].join("\n"),
  );
});

test.each<[what: string, answer: Answer, changes: Partial<Presentation>, shown: string]>([
  [
    "csv",
    clients,
    { format: "csv" },
    'id;description;online;tags;seen\npc2;"a; ""b""";1;x,y;<null>\npc1;ü;0;;<null>\n',
  ],
  ["csv without header", clients, { format: "csv", header: false, attributes: ["id"] }, "pc2\npc1\n"],
  ["lines", clients, { format: "lines", attributes: ["id", "tags"] }, "pc2\tx,y\npc1\t\n"],
  ["sorted", clients, { format: "lines", attributes: ["id"], sortBy: "id" }, "pc1\npc2\n"],
  ["json has everything", rows([{ id: 1, b: 2 }], ["id"]), { format: "json" }, '[{"id":1,"b":2}]\n'],
  ["pretty", value({ a: [] }), { format: "pretty-json" }, '{\n  "a": []\n}\n'],
  ["a value as lines", value(["a", 1, null]), { format: "lines" }, "a\n1\n\n"],
  ["a text as lines", value("[5] a\r\n[6] \u001b[2J\n"), { format: "lines" }, "[5] a\n[6] \\u001b[2J\n"],
  ["nothing as JSON", value(null), { format: "json" }, "null\n"],
  ["no rows as CSV", rows([], ["id"]), { format: "csv" }, "id\n"],
  ["no rows as lines", rows([], ["id"]), { format: "lines" }, ""],
  ["unknown structure: id first, then by name", value([{ b: 1, id: 2, a: 3 }]), { format: "csv" }, "id;a;b\n2;3;1\n"],
  ["lists of lists", value([[1, 2]]), { format: "csv" }, "value0;value1\n1;2\n"],
  ["all attributes", rows([{ id: 1, b: 2 }], ["id"]), { format: "csv", attributes: ["all"] }, "id;b\n1;2\n"],
])("%s", (_what, answer, changes, shown) => {
  expect(show(answer, changes)).toBe(shown);
});

test("an attribute that no row has is named, with those there are", () => {
  expect(() => show(clients, { attributes: ["nmae"] })).toThrow(UsageError);
  expect(() => show(clients, { attributes: ["nmae"] })).toThrow("description, id, online, seen, tags");
});

test("an escape sequence in a description does not reach the terminal", () => {
  const shown = show(rows([{ id: "\u001b[2Jpc\n1\u202e" }], ["id"]), {});
  expect(shown).toContain("\\u001b[2Jpc\\n1\\u202e");
  expect(show(rows([{ id: "\u001b[2J" }], ["id"]), { format: "lines" })).toBe("\\u001b[2J\n");
});

test("a wide column is wrapped until the table fits the terminal", () => {
  const shown = show(rows([{ id: "pc1", text: "one two three four five" }], ["id", "text"]), { width: 24 });
  const widths = shown
    .trimEnd()
    .split("\n")
    .map((line) => line.length);
  expect(Math.max(...widths)).toBeLessThanOrEqual(24);
  expect(shown).toContain("│ pc1 │ one two three  │");
  expect(shown).toContain("│     │ four five      │");
});

test("a table of more rows than a function takes arguments", () => {
  const many = rows(
    Array.from({ length: 200_000 }, (_, id) => ({ id })),
    ["id"],
  );
  expect(show(many, {}).split("\n")).toHaveLength(200_005);
});

test.each(["json", "pretty-json", "table", "lines"] as const)("no %s sends commands to the terminal", (format) => {
  const hostile = { id: "a\u001b[2J\u009b2J\u202eb\u007f" };
  const shown = show(value([hostile]), { format });
  expect(shown.replaceAll("\n", "")).not.toMatch(/[\p{Cc}\u202e]/u);
  if (format.endsWith("json")) expect(JSON.parse(shown)).toEqual([hostile]);
});
