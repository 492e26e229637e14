import { level } from "../log/log.ts";
import type { SectionHandler } from "./section.ts";

const complain = (kind: string): SectionHandler => ({
  run: ({ context }) => {
    context.log.write(level.error, `${kind} sections are only implemented for Windows`);
    return [];
  },
});

/** There is no registry on this system: told in the log, the script goes on (sections §8). */
export const registryOnOtherSystems = complain("Registry");

/** Replaced by XML2 in the original too (sections §6). */
export const xmlPatch = complain("XMLPatch");
