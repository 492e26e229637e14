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

/** What all headers have in common: owner nobody, and blanks where the checksum will be. */
const template = Buffer.alloc(blockSize);
template.write("0177776\0", 108, "latin1");
template.write("0177776\0", 116, "latin1");
template.write("        ", 148, "latin1");
template.write("ustar\x0000", 257, "latin1");
template.write("nobody", 265, "latin1");
template.write("nogroup", 297, "latin1");

/** Hot: twice per file of a package. */
function ustarHeader(
  flag: string,
  { name, mode, size, modified, target }: Pick<Member, "name" | "mode" | "size" | "modified" | "target">,
): Buffer {
  const header = Buffer.from(template);
  header.write(name, 0, 100, "utf8");
  octal(header, mode & 0o7777, 100, 8);
  if (size <= largestOctal) octal(header, size, 124, 12);
  else {
    header[124] = 0x80;
    header.writeBigUInt64BE(BigInt(size), 128);
  }
  octal(header, Math.min(Math.max(0, Math.trunc(modified)), largestOctal), 136, 12);
  header[156] = flag.charCodeAt(0);
  if (target !== "") header.write(target, 157, 100, "utf8");
  let sum = 0;
  for (let index = 0; index < blockSize; index++) sum += header[index] as number;
  octal(header, sum, 148, 7);
  return header;
}

/** Digits with leading zeros; the byte behind them stays as it is. */
function octal(header: Buffer, value: number, offset: number, length: number): void {
  let rest = value;
  for (let index = offset + length - 2; index >= offset; index--) {
    header[index] = 0x30 + (rest % 8);
    rest = Math.trunc(rest / 8);
  }
  header[offset + length - 1] = 0;
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
