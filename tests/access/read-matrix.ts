import { readFileSync } from "node:fs";
import { join } from "node:path";

/** The lines of `matrix.txt` by method: what each kind of caller may do with it. */
export type Matrix = ReadonlyMap<string, Readonly<Record<string, string>>>;

export function readMatrix(): Matrix {
  const text = readFileSync(join(import.meta.dirname, "matrix.txt"), "utf8");
  const [head = "", ...lines] = text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  const columns = head.trim().split(/\s+/);
  return new Map(
    lines.map((line) => {
      const cells = line.trim().split(/\s+/);
      return [cells[0] ?? "", Object.fromEntries(columns.map((column, index) => [column, cells[index] ?? ""]))];
    }),
  );
}
