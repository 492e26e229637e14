import { renameSync, rmSync } from "node:fs";

/** Name of an old file; age 1 is the newest of them. */
export type OlderName = (path: string, age: number) => string;

/** `x.log.1`, `x.log.2`, … as the service names them. (service 8.7) */
export const appended: OlderName = (path, age) => `${path}.${age}`;

/** `x_0.log`, `x_1.log`, … as on clients. (agent 1.6, interpreter 5.2) */
export const numbered: OlderName = (path, age) => path.replace(/(\.log)?$/, `_${age - 1}$1`);

/** Makes room under the name: the file becomes the newest old one, each old one ages, the oldest goes. */
export function setAside(path: string, keep: number, olderName: OlderName): void {
  rmSync(keep > 0 ? olderName(path, keep) : path, { force: true });
  for (let age = keep; age > 0; age--) {
    try {
      renameSync(age === 1 ? path : olderName(path, age - 1), olderName(path, age));
    } catch (error) {
      // only a gap in the row of old files: what cannot be set aside must not be overwritten
      if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    }
  }
}
