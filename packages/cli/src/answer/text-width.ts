const segmenter = new Intl.Segmenter();
const ascii = /^[\u0020-\u007e]*$/;
const wide =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}/u;

/** Columns that a text takes in a terminal: letters of East Asia and emoji take two. */
export function textWidth(text: string): number {
  if (ascii.test(text)) return text.length;
  let width = 0;
  for (const { segment } of segmenter.segment(text)) width += wide.test(segment) ? 2 : 1;
  return width;
}

/** Cuts a text into pieces of at most `width` columns, at blanks where there are some. */
export function wrapText(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = "";
  let columns = 0;
  for (const [word] of text.matchAll(/\s*\S+|\s+$/g)) {
    const taken = textWidth(word);
    if (columns + taken <= width) {
      line += word;
      columns += taken;
      continue;
    }
    if (line !== "") lines.push(line);
    line = "";
    columns = 0;
    for (const { segment } of segmenter.segment(word.trimStart())) {
      const next = textWidth(segment);
      if (columns + next > width) {
        lines.push(line);
        line = "";
        columns = 0;
      }
      line += segment;
      columns += next;
    }
  }
  if (line !== "" || lines.length === 0) lines.push(line);
  return lines;
}
