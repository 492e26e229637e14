import { cp, mkdir, readdir, readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { run } from "./run-program.ts";

const repository = join(import.meta.dirname, "../..");
/** opsi-script and what it imports. */
const packages = ["model", "protocol", "logging", "opsi-script"];

/** What our sources use of the language and the older Node.js has not. */
const missing = 'RegExp.escape ??= (text) => text.replace(/[^\\w ]/g, "\\\\$&");';

/**
 * Translates opsi-script for the older Node.js that runs in Wine: no types, no `using`. The folder then holds our
 * packages under `packages/` and all others, ours included, under `node_modules/`.
 *
 * @returns the file that starts the interpreter
 */
export async function emitScripts(folder: string, koffi: string): Promise<string> {
  const configuration = join(folder, "tsconfig.json");
  await writeFile(
    configuration,
    JSON.stringify({
      extends: join(repository, "tsconfig.json"),
      compilerOptions: {
        noEmit: false,
        noCheck: true,
        allowImportingTsExtensions: false,
        rewriteRelativeImportExtensions: true,
        target: "es2022",
        rootDir: join(repository, "packages"),
        outDir: join(folder, "packages"),
        typeRoots: [join(repository, "node_modules/@types")],
      },
      include: packages.map((name) => join(repository, "packages", name, "src")),
      exclude: [join(repository, "packages/*/src/**/*.test.ts")],
    }),
  );
  await run(join(repository, "node_modules/.bin/tsc"), ["-p", configuration]);
  const modules = join(folder, "node_modules");
  await mkdir(join(modules, "@opsi-ts"), { recursive: true });
  await mkdir(join(modules, "@koromix"));
  await symlink(koffi, join(modules, "@koromix/koffi-win32-x64"));
  for (const name of packages) {
    await writePackage(name, join(folder, "packages", name));
    await symlink(join(folder, "packages", name), join(modules, "@opsi-ts", name));
  }
  for (const name of await readdir(join(repository, "node_modules"))) {
    if (!["@opsi-ts", "@koromix"].includes(name) && !name.startsWith("."))
      await symlink(join(repository, "node_modules", name), join(modules, name));
  }
  await cp(join(repository, "packages/opsi-script/lib"), join(folder, "packages/opsi-script/lib"), {
    recursive: true,
  });
  const start = join(folder, "start.mjs");
  await writeFile(start, `${missing}\nawait import("./packages/opsi-script/src/main.js");\n`);
  return start;
}

/** The faces of our packages are sources; here they are what was made of them. */
async function writePackage(name: string, target: string): Promise<void> {
  const text = await readFile(join(repository, "packages", name, "package.json"), "utf8");
  await writeFile(join(target, "package.json"), text.replaceAll('.ts"', '.js"'));
}
