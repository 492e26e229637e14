import { execFile } from "node:child_process";

/** How a program of the operating system ended, and what it said. */
export interface Ended {
  /** 127 where it does not exist. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program of the operating system; no shell sees its arguments. */
export function runProgram(program: string, words: readonly string[]): Promise<Ended> {
  const environment = { ...process.env, LC_ALL: "C", PATH: `${process.env["PATH"] ?? ""}:/usr/sbin:/sbin` };
  return new Promise((resolve) => {
    execFile(program, words, { env: environment, timeout: 60_000 }, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === "number" ? error.code : 127;
      resolve({ code, stdout, stderr: stderr || (error?.message ?? "") });
    });
  });
}
