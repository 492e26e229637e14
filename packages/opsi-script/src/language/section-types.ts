/** Section types in the order in which a word is compared with them (language §2.2). */
export const sectionTypes = [
  "sub",
  "profileaction",
  "patchtextfile",
  "tests",
  "patches",
  "patchhosts",
  "registry",
  "xmlpatch",
  "xml2",
  "idapiconfig",
  "ldapsearch",
  "files",
  "linkfolder",
  "winbatch",
  "dosbatch",
  "dosinanicon",
  "shellbatch",
  "shellinanicon",
  "shellscript",
  "execpython",
  "execwith",
  "opsiservicecall",
  "opsiservicehashlist",
  "progmangroups",
] as const;

export type SectionType = (typeof sectionTypes)[number];

/** The type whose name the word begins with; `null` when there is none. */
export function sectionTypeOf(word: string): SectionType | null {
  const key = word.toLowerCase();
  return sectionTypes.find((type) => key.startsWith(type)) ?? null;
}

/** Sections that consist of statements. */
export const isSub = (type: SectionType | null): boolean => type === "sub" || type === "profileaction";
