import { Cursor, stops } from "../language/lexer.ts";
import type { SectionType } from "../language/section-types.ts";
import type { SourceLine } from "../language/source.ts";
import { sectionCommands } from "../sections/section-commands.ts";
import { trim } from "../text/bytes.ts";
import { type Program, placeAt, type Spot } from "./program.ts";
import { nearestName } from "./suggest.ts";

const wordStops: ReadonlySet<string> = new Set([...stops.sectionWord, "(", '"', "'"]);

/** Calls of Registry sections whose lines are those of other programs. */
const otherForms = /\/(?:regedit|addreg)/i;

/** Complains about lines of a secondary section that begin with none of its commands. */
export function checkContent(program: Program, type: SectionType, lines: readonly SourceLine[], spot: Spot): void {
  const commands = sectionCommands[type];
  if (!commands || otherForms.test(spot.line.text)) return;
  let isInLink = false; // lines of keys and values
  for (const line of lines) {
    const text = trim(line.text);
    if (text === "" || text[0] === ";" || (type === "patchhosts" && text[0] === "#")) continue;
    const offset = line.text.indexOf(text);
    const word = new Cursor(text).word(wordStops);
    const key = word.toLowerCase();
    if (type === "linkfolder") {
      if (key === "set_link") isInLink = true;
      if (key === "end_link") isInLink = false;
    }
    if (isInLink || commands.has(key) || isReplaced(word, spot)) continue;
    const nearest = nearestName(
      word,
      [...commands.values()].map(({ form }) => form.split(" ")[0] ?? ""),
    );
    const hint = nearest === null ? null : { instead: nearest };
    const place = placeAt({ ...spot, line, offset }, { start: 0, end: Math.max(1, word.length) });
    program.report("unknown-command", place, `${word || text} is no command of ${type} sections`, hint);
  }
}

/** Variables and constants are replaced in the lines before they are understood. */
function isReplaced(word: string, { scope, loops }: Spot): boolean {
  const text = word.toLowerCase();
  if (text.includes("%")) return true;
  return [...scope.names(), ...loops].some((name) => text.includes(name.toLowerCase()));
}
