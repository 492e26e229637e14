/** `S-1-5-21-…` from the binary form: revision, count, authority of 48 bits, numbers of 32 bits ([MS-DTYP] 2.4.2). */
export function securityIdText(data: Buffer): string {
  const numbers = Array.from({ length: data[1] ?? 0 }, (_, index) => data.readUInt32LE(8 + index * 4));
  return ["S", data[0], data.readUIntBE(2, 6), ...numbers].join("-");
}

/** The binary form; `null` where the text is none. */
export function parseSecurityId(text: string): Buffer | null {
  if (!/^S-\d{1,3}-\d{1,14}(-\d{1,10}){1,15}$/i.test(text.trim())) return null;
  const [revision = 0, authority = 0, ...numbers] = text.trim().split("-").slice(1).map(Number);
  if (revision > 255 || numbers.some((number) => number > 0xffffffff)) return null;
  const data = Buffer.alloc(8 + numbers.length * 4);
  data.writeUInt8(revision);
  data.writeUInt8(numbers.length, 1);
  data.writeUIntBE(authority, 2, 6);
  numbers.forEach((number, index) => {
    data.writeUInt32LE(number, 8 + index * 4);
  });
  return data;
}
