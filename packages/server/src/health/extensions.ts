import { basename } from "node:path";
import { type Check, error, ok } from "./check.ts";

export const extensions: Check = {
  id: "extensions",
  name: "Extensions",
  description: "Files below extend.d that could not be loaded.",
  documentation: "Correct the file; it is loaded again when it changes. See docs/extend.md.",
  async run({ site }) {
    const all = site.service.extensions();
    const broken = all.flatMap(({ file, problem }) => (problem === null ? [] : [[file, problem] as const]));
    if (broken.length === 0) return { files: ok(`All ${all.length} extensions are loaded.`) };
    return Object.fromEntries(broken.map(([file, problem]) => [basename(file), error(`${file}: ${problem}`)]));
  },
};
