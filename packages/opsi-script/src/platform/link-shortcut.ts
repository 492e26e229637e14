import { SyntaxProblem } from "../language/problems.ts";

/** Bits of the upper byte of a hot key. */
const modifiers: ReadonlyMap<string, number> = new Map([
  ["shift", 1],
  ["ctrl", 2],
  ["alt", 4],
]);

/** Windows' codes of the keys that have names. */
const keys: Readonly<Record<string, number>> = {
  VK_BACK: 0x08,
  VK_TAB: 0x09,
  VK_CLEAR: 0x0c,
  VK_RETURN: 0x0d,
  VK_PAUSE: 0x13,
  VK_ESCAPE: 0x1b,
  VK_SPACE: 0x20,
  VK_PRIOR: 0x21,
  VK_NEXT: 0x22,
  VK_END: 0x23,
  VK_HOME: 0x24,
  VK_LEFT: 0x25,
  VK_UP: 0x26,
  VK_RIGHT: 0x27,
  VK_DOWN: 0x28,
  VK_PRINT: 0x2a,
  VK_SNAPSHOT: 0x2c,
  VK_INSERT: 0x2d,
  VK_DELETE: 0x2e,
  VK_HELP: 0x2f,
  VK_MULTIPLY: 0x6a,
  VK_ADD: 0x6b,
  VK_SEPARATOR: 0x6c,
  VK_SUBTRACT: 0x6d,
  VK_DECIMAL: 0x6e,
  VK_DIVIDE: 0x6f,
  VK_NUMLOCK: 0x90,
  VK_SCROLL: 0x91,
};

function keyCode(name: string): number | null {
  const upper = name.toUpperCase();
  if (/^[A-Z0-9]$/.test(upper)) return upper.charCodeAt(0);
  const functionKey = Number(/^VK_F(\d{1,2})$/.exec(upper)?.[1] ?? 0);
  if (functionKey >= 1 && functionKey <= 24) return 0x6f + functionKey;
  const numberKey = /^VK_NUMPAD(\d)$/.exec(upper)?.[1];
  if (numberKey !== undefined) return 0x60 + Number(numberKey);
  if (/^VK_[A-Z0-9]$/.test(upper)) return upper.charCodeAt(3);
  return Object.hasOwn(keys, upper) ? (keys[upper] ?? null) : null;
}

/**
 * The hot key of a link: Shift, Alt and Ctrl joined by blank, `-` or `+`, and one key at the end (sections §7). 0 for an
 * empty text.
 *
 * @throws SyntaxProblem for words that are neither
 */
export function parseShortcut(text: string): number {
  const words = text.split(/[ \t+-]+/).filter((word) => word !== "");
  const key = words.pop();
  if (key === undefined) return 0;
  const code = keyCode(key);
  if (code === null) throw new SyntaxProblem(`Unknown key: ${key}`);
  return words.reduce((hotkey, word) => {
    const bit = modifiers.get(word.toLowerCase());
    if (bit === undefined) throw new SyntaxProblem(`Unknown key: ${word}`);
    return hotkey | (bit << 8);
  }, code);
}
