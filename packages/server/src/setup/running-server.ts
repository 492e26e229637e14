import { mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { isWriting } from "../backends/file/is-alive.ts";
import { writeFileAtomically } from "../configuration/atomic-file.ts";
import type { SiteFolders } from "../configuration/site-folders.ts";

const markOf = ({ service }: Pick<SiteFolders, "service">) => join(service, "opsiconfd.pid");

function noted(path: string): number | null {
  try {
    return Number(readFileSync(path, "utf8"));
  } catch {
    return null;
  }
}

/** The process that serves a site on this machine, null for none. What a killed one has left does not count. */
export function runningServer(folders: Pick<SiteFolders, "service">): number | null {
  const path = markOf(folders);
  const pid = noted(path);
  return pid !== null && isWriting(pid, path) ? pid : null;
}

/** Notes that this process serves the site or works on it, for programs that must not do so at the same time. */
export function noteRunning(folders: Pick<SiteFolders, "service">): Disposable {
  const path = markOf(folders);
  mkdirSync(folders.service, { recursive: true, mode: 0o770 });
  writeFileAtomically(path, `${process.pid}\n`);
  return {
    [Symbol.dispose]() {
      if (noted(path) === process.pid) rmSync(path, { force: true });
    },
  };
}
