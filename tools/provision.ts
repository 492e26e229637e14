import { spawnSync } from "node:child_process";
import { accessSync, constants, existsSync, readdirSync } from "node:fs";
import { delimiter, join } from "node:path";

/**
 * Programs that the tests run besides Node.js, with the Debian packages that bring them. What is missing is installed.
 * `node tools/provision.ts bench` looks for those of the benchmarks instead.
 */
const programs: Record<string, Record<string, string>> = {
  tests: {
    bash: "bash",
    python3: "python3",
    slapd: "slapd",
    cpio: "cpio",
    debootstrap: "debootstrap",
    fish: "fish",
    git: "git",
    ip: "iproute2",
    mariadbd: "mariadb-server",
    openssl: "openssl",
    postgres: "postgresql",
    prlimit: "util-linux",
    unshare: "util-linux",
    useradd: "passwd",
    wine: "wine",
    zsh: "zsh",
    zstd: "zstd",
  },
  bench: {
    curl: "curl",
    nginx: "nginx-light",
    openssl: "openssl",
    sqlite3: "sqlite3",
    tar: "tar",
    wrk: "wrk",
    zstd: "zstd",
  },
};

/** Debian keeps the programs of each version of PostgreSQL in a folder of its own, and out of PATH. */
function postgresqlFolders(): string[] {
  const root = "/usr/lib/postgresql";
  return existsSync(root) ? readdirSync(root).map((version) => join(root, version, "bin")) : [];
}

function isInstalled(program: string): boolean {
  const folders = [...(process.env["PATH"] ?? "").split(delimiter), "/usr/sbin", "/sbin", ...postgresqlFolders()];
  return folders.some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

function run(command: string, ...parameters: string[]): void {
  const environment = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  const { status, error } = spawnSync(command, parameters, {
    stdio: ["ignore", "ignore", "inherit"],
    env: environment,
  });
  if (error) throw error;
  if (status !== 0) throw new Error(`${command} ${parameters.join(" ")} ended with code ${status}`);
}

const purpose = process.argv[2] ?? "tests";
const wanted = programs[purpose];
if (!wanted) throw new Error(`usage: provision.ts ${Object.keys(programs).join("|")}`);
const missing = Object.keys(wanted).filter((program) => !isInstalled(program));
const packages = [...new Set(missing.map((program) => wanted[program] ?? program))];
if (packages.length > 0) {
  if (process.platform !== "linux" || process.getuid?.() !== 0 || !isInstalled("apt-get")) {
    console.error(`Missing programs: ${missing.join(", ")}. On Debian: apt-get install ${packages.join(" ")}`);
    process.exit(1);
  }
  console.error(`Installing ${packages.join(", ")}`);
  run("apt-get", "update", "-qq");
  run("apt-get", "install", "-qq", "--yes", "--no-install-recommends", ...packages);
}
