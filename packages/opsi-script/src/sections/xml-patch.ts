import { level } from "../log/log.ts";
import type { SectionHandler } from "./section.ts";

/** Replaced by XML2 in the original too (sections §6). */
export const xmlPatch: SectionHandler = {
  run: ({ context }) => {
    context.log.write(level.error, "XMLPatch sections are not supported any more: use XML2");
    return [];
  },
};
