/** A device that a driver is for. */
export interface InfDevice {
  readonly type: "HDAUDIO" | "PCI" | "USB" | "ACPI";
  /** Four upper-case hexadecimal digits, as the device. */
  readonly vendor: string;
  readonly device: string;
}

/** The Windows that drivers are looked for. */
export interface TargetWindows {
  readonly architecture: string;
  readonly major: number;
  readonly minor: number;
  readonly build: number;
}

/** Sections by their lower-case name; comments are gone, continued lines are one. */
function sections(text: string): Map<string, string[]> {
  const found = new Map<string, string[]>();
  let current: string[] = [];
  let continued = "";
  for (const raw of text.split(/\r?\n/)) {
    const line = continued + withoutComment(raw).trim();
    continued = "";
    if (line.endsWith("\\")) {
      continued = line.slice(0, -1);
      continue;
    }
    const name = /^\[([^\]]*)\]/.exec(line)?.[1]?.trim().toLowerCase();
    if (name !== undefined) {
      current = found.get(name) ?? [];
      found.set(name, current);
    } else if (line !== "") current.push(line);
  }
  return found;
}

/** A semicolon between quotes is none. */
function withoutComment(line: string): string {
  const end = /^(?:[^";]|"[^"]*"?)*/.exec(line)?.[0] ?? "";
  return end;
}

const architectureWords: Readonly<Record<string, string>> = {
  "": "",
  x86: "x86",
  amd64: "x64",
  arm: "arm",
  arm64: "arm64",
};

interface Decoration {
  readonly architecture: string;
  /** major, minor, build; what is not said is 0 */
  readonly version: readonly [number, number, number];
}

/** `NT[architecture][.[major][.[minor][.[product type][.[suite][.[build]]]]]]`; null for what is something else. */
function decoration(text: string): Decoration | null {
  const [first = "", major = "", minor = "", , , build = ""] = text.toLowerCase().split(".");
  const architecture = architectureWords[first.replace(/^nt/, "")];
  if (!first.startsWith("nt") || architecture === undefined) return null;
  const version = [major, minor, build].map((part) => Number.parseInt(part, 10) || 0);
  return { architecture, version: version as [number, number, number] };
}

function fits({ architecture, version }: Decoration, target: TargetWindows): boolean {
  if (architecture !== "" && architecture !== target.architecture) return false;
  return compare(version, [target.major, target.minor, target.build]) <= 0;
}

function compare(a: readonly number[], b: readonly number[]): number {
  for (const [index, number] of a.entries()) if (number !== b[index]) return number - (b[index] ?? 0);
  return 0;
}

/** Of a manufacturer's sections Windows takes the one that is made for the newest system not newer than itself. */
function modelSection(entry: string, known: ReadonlyMap<string, string[]>, target: TargetWindows): string[] {
  const [base = "", ...decorations] = entry.split(",").map((part) => part.trim().toLowerCase());
  const usable = decorations
    .map((text) => ({ name: `${base}.${text}`, decoration: decoration(text) }))
    .flatMap(({ name, decoration: parsed }) => (parsed && fits(parsed, target) ? [{ name, ...parsed }] : []))
    .filter(({ name }) => known.has(name))
    .sort((a, b) => compare(b.version, a.version) || b.architecture.length - a.architecture.length);
  const name = usable[0]?.name ?? (target.architecture === "x86" || decorations.length === 0 ? base : undefined);
  return (name !== undefined && known.get(name)) || [];
}

const patterns: readonly [type: InfDevice["type"], pattern: RegExp][] = [
  ["HDAUDIO", /HDAUDIO\\.*VEN_([0-9A-F]{4})&DEV_([0-9A-F]{4})/i],
  ["PCI", /VEN_([0-9A-F]{4})&DEV_([0-9A-F]{4})/i],
  ["USB", /USB.*VID_([0-9A-F]{4})&PID_([0-9A-F]{4})/i],
  ["ACPI", /ACPI\\([A-Z0-9]+)_-_([^\s\\/]+)/i], // ids become names of links
];

function deviceOf(hardwareId: string): InfDevice | null {
  for (const [type, pattern] of patterns) {
    const [, vendor, device] = pattern.exec(hardwareId) ?? [];
    if (vendor !== undefined && device !== undefined) {
      return { type, vendor: vendor.toUpperCase(), device: device.toUpperCase() };
    }
  }
  return null;
}

/** The devices that the drivers of an INF file are for on a Windows, each once. (netboot 7.5) */
export function infDevices(text: string, target: TargetWindows): InfDevice[] {
  const known = sections(text);
  const manufacturers = (known.get("manufacturer") ?? []).map((line) => {
    const equals = line.indexOf("=");
    return equals < 0 ? line.replaceAll('"', "").replaceAll("%", "") : line.slice(equals + 1);
  });
  const found = new Map<string, InfDevice>();
  for (const entry of manufacturers) {
    for (const line of modelSection(entry, known, target)) {
      const [, ...hardwareIds] = line.slice(line.indexOf("=") + 1).split(",");
      for (const id of hardwareIds) {
        const device = deviceOf(id.trim());
        if (device) found.set(`${device.type};${device.vendor};${device.device}`, device);
      }
    }
  }
  return [...found.values()];
}

/** INF files are UTF-16 with a mark, or text in some code page, of which only ASCII matters here. */
export function decodeInf(bytes: Buffer): string {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return bytes.toString("utf16le", 2);
  if (bytes[0] === 0xfe && bytes[1] === 0xff)
    return Buffer.from(bytes.subarray(2, bytes.length & ~1))
      .swap16()
      .toString("utf16le");
  return bytes.toString("latin1");
}
