import type { Member } from "./member.ts";

const blockSize = 512;
const largestOctal = 0o77777777777;

export type WrittenMember = Pick<Member, "name" | "type" | "mode" | "size" | "modified" | "target">;

const flags: Partial<Record<Member["type"], string>> = { file: "0", hardlink: "1", symlink: "2", directory: "5" };

/**
 * The header blocks of a member in the pax form of tar, owned by nobody (packages 1.2). The content follows, filled up
 * with `tarPadding`; at the end of the archive comes `tarEnd`.
 */
export function tarHeader(member: WrittenMember): Buffer {
  const name = member.type === "directory" ? `${member.name}/` : member.name;
  const records: Record<string, string> = {};
  if (!fits(name, 100)) records["path"] = name;
  if (!fits(member.target, 100)) records["linkpath"] = member.target;
  if (member.size > largestOctal) records["size"] = String(member.size);
  if (!Number.isInteger(member.modified) || member.modified < 0 || member.modified > largestOctal) {
    records["mtime"] = String(member.modified);
  }
  const header = ustarHeader(flags[member.type] ?? "0", { ...member, name });
  const extension = paxRecords(records);
  if (extension.length === 0) return header;
  const extended = { name: "././@PaxHeader", mode: 0, size: extension.length, modified: 0, target: "" };
  return Buffer.concat([ustarHeader("x", extended), extension, tarPadding(extension.length), header]);
}

/** Zeros up to the next block. */
export const tarPadding = (size: number): Buffer => zeros.subarray(0, (blockSize - (size % blockSize)) % blockSize);

const zeros = Buffer.alloc(blockSize);

/** Two empty blocks, filled up to 10 kB as tar itself does it. */
export function tarEnd(position: number): Buffer {
  const recordSize = 20 * blockSize;
  const size = 2 * blockSize;
  return Buffer.alloc(size + ((recordSize - ((position + size) % recordSize)) % recordSize));
}

/** A name that is not plain ASCII goes into an extended header, where it is UTF-8 by definition. */
function fits(text: string, length: number): boolean {
  return text.length <= length && /^[\x20-\x7e]*$/.test(text);
}

function ustarHeader(
  flag: string,
  { name, mode, size, modified, target }: Pick<Member, "name" | "mode" | "size" | "modified" | "target">,
): Buffer {
  const header = Buffer.alloc(blockSize);
  const text = (value: string, offset: number, length: number) => header.write(value, offset, length, "utf8");
  const octal = (value: number, offset: number, length: number) =>
    text(`${value.toString(8).padStart(length - 1, "0")}\0`, offset, length);
  text(name, 0, 100);
  octal(mode & 0o7777, 100, 8);
  octal(65534, 108, 8);
  octal(65534, 116, 8);
  if (size <= largestOctal) octal(size, 124, 12);
  else {
    header[124] = 0x80;
    header.writeBigUInt64BE(BigInt(size), 128);
  }
  octal(Math.min(Math.max(0, Math.trunc(modified)), largestOctal), 136, 12);
  text("        ", 148, 8);
  text(flag, 156, 1);
  text(target, 157, 100);
  text("ustar\x0000", 257, 8);
  text("nobody", 265, 32);
  text("nogroup", 297, 32);
  const sum = header.reduce((total, byte) => total + byte, 0);
  text(`${sum.toString(8).padStart(6, "0")}\0 `, 148, 8);
  return header;
}

/** `LENGTH KEY=VALUE\n`; the length counts itself. */
function paxRecords(records: Record<string, string>): Buffer {
  const lines = Object.entries(records).map(([key, value]) => {
    const rest = ` ${key}=${value}\n`;
    const size = Buffer.byteLength(rest);
    let length = size + String(size).length;
    length = size + String(length).length;
    return `${length}${rest}`;
  });
  return Buffer.from(lines.join(""));
}
