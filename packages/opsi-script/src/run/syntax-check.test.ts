import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { runScript } from "../index.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "opsi-syntax-check-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

function check(script: string) {
  const file = join(folder, "test.opsiscript");
  writeFileSync(file, script);
  return runScript({ file, logFile: null, testSyntax: true });
}

test("branches that would not be taken are checked as well, and nothing is executed", () => {
  const { exitCode, errors } = check(`[Actions]
if "a" = "b"
	no statement
endif
sub_x
ShellScript_x
[sub_x]
set $unknown$ = "1"
[ShellScript_x]
touch ${folder}/touched`);
  expect([exitCode, errors]).toEqual([1, 2]);
  expect(existsSync(join(folder, "touched"))).toBe(false);
});

test("a correct script passes", () => {
  const { exitCode } = check(`[Actions]
DefVar $a$ = "1"
DefFunc f($x$ : string, ref $l$ : stringlist) : string
	set $l$ = addToList($l$, $x$)
	set $result$ = $x$
endfunc
DefStringList $l$
for %i% in $l$ do set $a$ = f("%i%", $l$)
if CompareDotSeparatedNumbers($a$, "1") >= "0"
endif`);
  expect(exitCode).toBe(0);
});

test("sections inside of functions are no statements, but subs are", () => {
  const body = `[Actions]
DefFunc f() : void
	Files_copy
	sub_inner
	[Files_copy]
	copy -s a b
	[sub_inner]
	comment "inner"
endfunc
f()
`;
  expect(check(body)).toMatchObject({ exitCode: 0, errors: 0 });
  expect(check(body.replace('"inner"', "frob")).errors).toBe(1);
});

test("only libraries are found without their extension", () => {
  writeFileSync(join(folder, "lib.opsiscript"), "DefFunc f() : void\nendfunc\n");
  expect(check(`[Actions]\nimportLib "${folder}/lib::f"\nf()\n`).exitCode).toBe(0);
  expect(check(`[Actions]\ninclude_insert "${folder}/lib"\n`).exitCode).toBe(1);
});

test("files that include each other are checked once, and that is a mistake of its own", () => {
  writeFileSync(join(folder, "a.opsiinc"), `include_insert "${folder}/b.opsiinc"\nno statement\n`);
  writeFileSync(join(folder, "b.opsiinc"), `include_insert "${folder}/a.opsiinc"\n`);
  expect(check(`[Actions]\ninclude_insert "${folder}/a.opsiinc"\n`)).toMatchObject({ exitCode: 1, errors: 2 });
});

test.each(['if "a" = "a"', "endif", 'comment "open', 'include_insert "/no/such/file"', 'frob("x")'])(
  "%s is found",
  (line) => {
    expect(check(`[Actions]\n${line}\n`).exitCode).toBe(1);
  },
);

test("a missing script fails and says why", () => {
  const lines: string[] = [];
  const { exitCode } = runScript({
    file: join(folder, "missing"),
    logFile: null,
    onLine: (_level, text) => lines.push(text),
  });
  expect(exitCode).toBe(1);
  expect(lines.join("\n")).toContain("Script cannot be read");
});
