import { chmod, mkdir, mkdtemp, rename, rm, rmdir, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { OpsiError } from "@opsi-ts/model";

export interface NewProduct {
  readonly id: string;
  readonly type: "localboot" | "netboot";
  readonly name: string;
  readonly description: string;
  readonly productVersion: string;
  readonly packageVersion: string;
  /** `Name <mail>` for the changelog. */
  readonly maintainer: string;
  readonly date: Date;
}

/**
 * The files of a new source tree by path: can be made, installed and run at once, and says where to put what.
 * (packages §1.6, §2.6)
 */
export function newTree(product: NewProduct): Readonly<Record<string, string>> {
  const common = { "OPSI/control.toml": controlToml(product), "OPSI/changelog.txt": changelog(product) };
  if (product.type === "netboot") return { ...common, "CLIENT_DATA/README": netbootReadme };
  return {
    ...common,
    "CLIENT_DATA/setup.opsiscript": setupScript,
    "CLIENT_DATA/update.opsiscript": updateScript,
    "CLIENT_DATA/uninstall.opsiscript": uninstallScript,
    "CLIENT_DATA/install.opsiinc": installInclude,
  };
}

/**
 * Writes the tree beside the folder and renames it, so that it appears whole or not at all.
 *
 * @throws OpsiError FileExistsError if the folder exists and is not empty
 */
export async function writeTree(folder: string, files: Readonly<Record<string, string>>): Promise<void> {
  await mkdir(dirname(folder), { recursive: true });
  const temporary = await mkdtemp(join(dirname(folder), `.${basename(folder)}-`));
  try {
    for (const [path, content] of Object.entries(files)) {
      await mkdir(dirname(join(temporary, path)), { recursive: true });
      await writeFile(join(temporary, path), content);
    }
    await rmdir(folder).catch((error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") return;
      if (error.code === "ENOTDIR") throw new OpsiError("FileExistsError", `'${folder}' is a file`);
      throw new OpsiError("FileExistsError", `'${folder}' exists and is not empty`, { cause: error });
    });
    await chmod(temporary, 0o777 & ~process.umask()); // mkdtemp made it for us alone
    await rename(temporary, folder);
  } catch (error) {
    await rm(temporary, { recursive: true, force: true });
    throw error;
  }
}

function controlToml({ id, type, name, description, productVersion, packageVersion }: NewProduct): string {
  const scripts = ["setup", "uninstall", "update"]
    .map((script) => `${script}Script = "${script}.opsiscript"\n`)
    .join("");
  return `[Package]
version = ${quoted(packageVersion)}
# Packages that must be on the depot before this one:
# depends = [{ package = "other-package", condition = ">=", version = "1.0-1" }]

[Product]
type = "${type === "localboot" ? "LocalbootProduct" : "NetbootProduct"}"
id = ${quoted(id)}
name = ${quoted(name)}
description = ${quoted(description)}
version = ${quoted(productVersion)}
# From 100 (first) to -100 (last) when several products are installed together.
priority = 0
licenseRequired = false
${type === "localboot" ? scripts : `# pxeConfigTemplate = "..."\n`}
# A value that administrators set per depot or client; scripts read it with GetProductProperty.
# [[ProductProperty]]
# type = "UnicodeProductProperty"
# name = "language"
# description = "Language of the user interface"
# values = ["de", "en"]
# default = ["en"]
# multivalue = false
# editable = false

# Another product that must be installed before the setup of this one.
# [[ProductDependency]]
# requiredProduct = "other-product"
# action = "setup"
# requirementType = "before"
# requiredStatus = "installed"
`;
}

function changelog({ id, productVersion, packageVersion, maintainer, date }: NewProduct): string {
  const when = date.toUTCString().replace("GMT", "+0000");
  return `${id} (${productVersion}-${packageVersion}) testing; urgency=low

  * Initial package

 -- ${maintainer}  ${when}
`;
}

const setupScript = `encoding=utf8

[Actions]
; Runs when the action request is "setup": installs the product.
Message "Installing %installingProdName% %installingProdVersion% ..."
include_append "install.opsiinc"
Sub_install

; An update script runs after every setup, too. Ours would only do the same again.
noUpdateScript
`;

const updateScript = `encoding=utf8

[Actions]
; Runs when the action request is "update": brings an installed product up to date.
Message "Updating %installingProdName% to %installingProdVersion% ..."
include_append "install.opsiinc"
Sub_install
`;

const installInclude = `encoding=utf8
; What the scripts have in common. Its sections become theirs with include_append.

[Sub_install]
if GetOS = "Windows_NT"
	; Put an installer beside this file, then take the semicolons away:
	; Winbatch_install
	; Sub_check_exit_code
	comment "Nothing to do on Windows yet"
else
	ShellInAnIcon_install
	Sub_check_exit_code
endif

[Winbatch_install]
"%ScriptPath%\\installer.exe" /S

[ShellInAnIcon_install]
set -e
echo "Installing on $(uname -s)"

[Sub_check_exit_code]
; A failing command is no error by itself: the script has to look.
DefVar $exitCode$
set $exitCode$ = getLastExitCode
if not($exitCode$ = "0")
	; Ends the script. The product is shown as failed, with this text.
	isFatalError "Exit code " + $exitCode$
endif
`;

const uninstallScript = `encoding=utf8

[Actions]
; Runs when the action request is "uninstall": removes what setup has installed.
Message "Uninstalling %installingProdName% ..."
include_append "install.opsiinc"
if GetOS = "Windows_NT"
	comment "Nothing to do on Windows yet"
else
	ShellInAnIcon_uninstall
	Sub_check_exit_code
endif

[ShellInAnIcon_uninstall]
set -e
echo "Uninstalling on $(uname -s)"
`;

const netbootReadme = `Kernel and initial RAM disk of the boot image, and whatever it needs, go here.
`;

const quoted = (text: string): string => JSON.stringify(text);
