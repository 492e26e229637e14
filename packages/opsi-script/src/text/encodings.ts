import { toBytes, toText } from "./bytes.ts";

/** The upper halves of the code pages that `TextDecoder` does not know. */
const upperHalves: Readonly<Record<string, string>> = {
  cp437:
    "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u00a0",
  cp850:
    "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜø£Ø×ƒáíóúñÑªº¿®¬½¼¡«»░▒▓│┤ÁÂÀ©╣║╗╝¢¥┐└┴┬├─┼ãÃ╚╔╩╦╠═╬¤ðÐÊËÈıÍÎÏ┘┌█▄¦Ì▀ÓßÔÒõÕµþÞÚÛÙýÝ¯´\u00ad±‗¾¶§÷¸°¨·¹³²■\u00a0",
  cp852:
    "ÇüéâäůćçłëŐőîŹÄĆÉĹĺôöĽľŚśÖÜŤťŁ×čáíóúĄąŽžĘę¬źČş«»░▒▓│┤ÁÂĚŞ╣║╗╝Żż┐└┴┬├─┼Ăă╚╔╩╦╠═╬¤đĐĎËďŇÍÎě┘┌█▄ŢŮ▀ÓßÔŃńňŠšŔÚŕŰýÝţ´\u00ad˝˛ˇ˘§÷¸°¨˙űŘř■\u00a0",
};

/** Labels of `TextDecoder` by the names of the language (§1.1), lower case and without dashes. */
const labels: Readonly<Record<string, string>> = {
  cp1250: "windows-1250",
  cp1251: "windows-1251",
  cp1252: "windows-1252",
  cp1253: "windows-1253",
  cp1254: "windows-1254",
  cp1255: "windows-1255",
  cp1256: "windows-1256",
  cp1257: "windows-1257",
  cp1258: "windows-1258",
  cp866: "ibm866",
  cp874: "windows-874",
  cp932: "shift_jis",
  cp936: "gbk",
  cp949: "euc-kr",
  cp950: "big5",
  iso88592: "iso-8859-2",
  iso885915: "iso-8859-15",
  koi8: "koi8-r",
  koi8r: "koi8-r",
};

type Kind =
  | { readonly unit: "utf8" | "latin1" | "utf16le" | "utf16be" | "utf32le" | "utf32be"; readonly bom: boolean }
  | { readonly unit: "table"; readonly name: string; readonly bom: false };

let systemEncoding = "utf8";

/** What the language calls the system's encoding: UTF-8, but on Windows the code page (language §1.1). */
export const systemEncodingName = (): string => systemEncoding;

export function useSystemEncoding(name: string): void {
  systemEncoding = name;
}

function kindOf(name: string): Kind | null {
  const plain = name.trim().toLowerCase().replaceAll("-", "").replaceAll("_", "");
  const bom = plain.endsWith("bom");
  switch (bom ? plain.slice(0, -3) : plain) {
    case "utf8":
    case "unicode":
      return { unit: "utf8", bom };
    case "system":
    case "auto":
    case "ansi":
      return kindOf(systemEncoding);
    case "utf16":
    case "utf16le":
    case "ucs2le":
      return { unit: "utf16le", bom };
    case "utf16be":
    case "ucs2be":
      return { unit: "utf16be", bom };
    case "utf32":
    case "utf32le":
      return { unit: "utf32le", bom };
    case "utf32be":
      return { unit: "utf32be", bom };
    case "iso88591":
      return { unit: "latin1", bom: false };
  }
  const isTable = Object.hasOwn(labels, plain) || Object.hasOwn(upperHalves, plain);
  return isTable ? { unit: "table", name: plain, bom: false } : null;
}

export const isKnownEncoding = (name: string): boolean => kindOf(name) !== null;

/** The encoding that a byte order mark announces, with the length of the mark. */
export function byteOrderMark(data: Buffer): { readonly encoding: string; readonly length: number } | null {
  if (data.length >= 3 && data[0] === 0xef && data[1] === 0xbb && data[2] === 0xbf)
    return { encoding: "utf8", length: 3 };
  if (data.length >= 4 && data.readUInt32LE(0) === 0xfeff) return { encoding: "utf32le", length: 4 };
  if (data.length >= 4 && data.readUInt32BE(0) === 0xfeff) return { encoding: "utf32be", length: 4 };
  if (data.length >= 2 && data[0] === 0xff && data[1] === 0xfe) return { encoding: "utf16le", length: 2 };
  if (data.length >= 2 && data[0] === 0xfe && data[1] === 0xff) return { encoding: "utf16be", length: 2 };
  return null;
}

function readUtf32(data: Buffer, bigEndian: boolean): string {
  const points: string[] = [];
  for (let offset = 0; offset + 4 <= data.length; offset += 4) {
    const point = bigEndian ? data.readUInt32BE(offset) : data.readUInt32LE(offset);
    points.push(point <= 0x10ffff ? String.fromCodePoint(point) : "\ufffd");
  }
  return points.join("");
}

/** File content -> byte string (UTF-8). A byte order mark beats the name; an unknown name means the system's encoding. */
export function decode(data: Buffer, name: string): string {
  const mark = byteOrderMark(data);
  const content = mark ? data.subarray(mark.length) : data;
  const kind = kindOf(mark?.encoding ?? name) ?? kindOf("system") ?? { unit: "utf8", bom: false };
  switch (kind.unit) {
    case "utf8":
      return content.toString("latin1");
    case "latin1":
      return toBytes(content.toString("latin1"));
    case "utf16le":
      return toBytes(content.toString("utf16le"));
    case "utf16be":
      return toBytes(new TextDecoder("utf-16be").decode(content));
    case "utf32le":
    case "utf32be":
      return toBytes(readUtf32(content, kind.unit === "utf32be"));
    case "table": {
      const upperHalf = upperHalves[kind.name];
      if (upperHalf === undefined) return toBytes(new TextDecoder(labels[kind.name]).decode(content));
      const text = content
        .toString("latin1")
        .replace(/[\x80-\xff]/g, (byte) => upperHalf[byte.charCodeAt(0) - 128] ?? "?");
      return toBytes(text);
    }
    default:
      return kind satisfies never;
  }
}

const reverseTables = new Map<string, Map<string, string>>();

/** Character -> bytes in a code page, found by decoding all byte sequences of one and two bytes once. */
function reverseTable(name: string): Map<string, string> {
  const known = reverseTables.get(name);
  if (known) return known;
  const table = new Map<string, string>();
  const add = (bytes: Buffer) => {
    const text = toText(decode(bytes, name));
    if ([...text].length === 1 && !text.includes("\ufffd") && !table.has(text))
      table.set(text, bytes.toString("latin1"));
  };
  for (let byte = 0; byte < 256; byte++) add(Buffer.from([byte]));
  if (["cp932", "cp936", "cp949", "cp950"].includes(name)) {
    for (let lead = 0x81; lead < 0xff; lead++) {
      for (let trail = 0x40; trail < 0xff; trail++) add(Buffer.from([lead, trail]));
    }
  }
  reverseTables.set(name, table);
  return table;
}

const marks = { utf8: "efbbbf", utf16le: "fffe", utf16be: "feff", utf32le: "fffe0000", utf32be: "0000feff" } as const;

/** Byte string (UTF-8) -> file content. Unknown names, and characters that the encoding lacks: see the language, §1.1. */
export function encode(bytes: string, name: string): Buffer {
  const kind = kindOf(name) ?? kindOf("system") ?? { unit: "utf8", bom: false };
  const content = encodeUnits(bytes, kind);
  return kind.bom && kind.unit in marks
    ? Buffer.concat([Buffer.from(marks[kind.unit as keyof typeof marks], "hex"), content])
    : content;
}

function encodeUnits(bytes: string, kind: Kind): Buffer {
  switch (kind.unit) {
    case "utf8":
      return Buffer.from(bytes, "latin1");
    case "latin1":
      return Buffer.from(toText(bytes).replace(/[^\x00-\xff]/g, "?"), "latin1");
    case "utf16le":
      return Buffer.from(toText(bytes), "utf16le");
    case "utf16be":
      return Buffer.from(toText(bytes), "utf16le").swap16();
    case "utf32le":
    case "utf32be": {
      const points = [...toText(bytes)];
      const result = Buffer.alloc(points.length * 4);
      points.forEach((point, index) => {
        const value = point.codePointAt(0) ?? 0;
        if (kind.unit === "utf32be") result.writeUInt32BE(value, index * 4);
        else result.writeUInt32LE(value, index * 4);
      });
      return result;
    }
    case "table": {
      const table = reverseTable(kind.name);
      const encoded = toText(bytes).replace(/[^\t\n\r -~]/gu, (character) => table.get(character) ?? "?");
      return Buffer.from(encoded, "latin1");
    }
    default:
      return kind satisfies never;
  }
}
