import type { SectionType } from "../language/section-types.ts";
import { execPython, execWith } from "./exec-with.ts";
import { files } from "./files.ts";
import { linkFolder } from "./link-folder.ts";
import { opsiServiceCall } from "./opsi-service-call.ts";
import { patchHosts } from "./patch-hosts.ts";
import { patchTextFile } from "./patch-text-file.ts";
import { patches } from "./patches.ts";
import { registrySection } from "./registry-section.ts";
import type { SectionHandler } from "./section.ts";
import { shell } from "./shell.ts";
import { legacyTests } from "./tests.ts";
import { winBatch } from "./win-batch.ts";
import { xmlPatch } from "./xml-patch.ts";
import { xml2 } from "./xml2.ts";

/** The runner of each secondary section; sub sections are executed by the statement runner itself. */
export const sectionHandlers: ReadonlyMap<SectionType, SectionHandler> = new Map<SectionType, SectionHandler>([
  ["files", files],
  ["patches", patches],
  ["patchtextfile", patchTextFile],
  ["patchhosts", patchHosts],
  ["shellscript", shell],
  ["shellbatch", shell],
  ["shellinanicon", shell],
  ["dosbatch", shell],
  ["dosinanicon", shell],
  ["execwith", execWith],
  ["execpython", execPython],
  ["winbatch", winBatch],
  ["xml2", xml2],
  ["linkfolder", linkFolder],
  ["opsiservicecall", opsiServiceCall],
  ["opsiservicehashlist", opsiServiceCall],
  ["tests", legacyTests],
  ["registry", registrySection],
  ["xmlpatch", xmlPatch],
]);
