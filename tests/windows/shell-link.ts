/** What a `.lnk` file says, read as [MS-SHLLINK] describes it. */
export interface ShellLink {
  readonly target: string;
  readonly workingFolder: string;
  readonly parameters: string;
  readonly iconFile: string;
  readonly iconIndex: number;
  readonly showCommand: number;
  readonly hotKey: number;
}

/** Bits of LinkFlags (2.1.1). */
const flags = {
  idList: 1,
  linkInfo: 2,
  name: 4,
  relativePath: 8,
  folder: 0x10,
  parameters: 0x20,
  icon: 0x40,
  unicode: 0x80,
};

/** @throws Error for anything but a shell link */
export function parseShellLink(data: Buffer): ShellLink {
  const classId = "0114020000000000c000000000000046";
  if (data.readUInt32LE(0) !== 0x4c || data.toString("hex", 4, 20) !== classId) throw new Error("no shell link");
  const given = data.readUInt32LE(20);
  let offset = 0x4c;
  if (given & flags.idList) offset += 2 + data.readUInt16LE(offset);
  let target = "";
  if (given & flags.linkInfo) {
    const start = offset + data.readUInt32LE(offset + 16); // LocalBasePathOffset (2.3)
    target = data.toString("latin1", start, data.indexOf(0, start));
    offset += data.readUInt32LE(offset);
  }
  const text = (flag: number) => {
    if (!(given & flag)) return "";
    const length = data.readUInt16LE(offset) * (given & flags.unicode ? 2 : 1);
    const value = data.toString(given & flags.unicode ? "utf16le" : "latin1", offset + 2, offset + 2 + length);
    offset += 2 + length;
    return value.replace(/\0$/, ""); // Wine 8 counts the zero, too
  };
  text(flags.name);
  text(flags.relativePath);
  const workingFolder = text(flags.folder);
  const parameters = text(flags.parameters);
  const iconFile = text(flags.icon);
  return {
    target,
    workingFolder,
    parameters,
    iconFile,
    iconIndex: data.readInt32LE(56),
    showCommand: data.readUInt32LE(60),
    hotKey: data.readUInt16LE(64),
  };
}
