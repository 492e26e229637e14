import { randomBytes } from "node:crypto";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { makePackage } from "@opsi-ts/opsi-package";
import { type Benchmark, inTurn, type Measurement, seconds } from "./benchmark.ts";
import { execute, temporaryFolder } from "./processes.ts";
import { type BenchSite, startSite } from "./site.ts";

const control = `[Package]
version = "1"

[Product]
type = "LocalbootProduct"
id = "bench"
name = "Benchmark"
version = "1.0"
setupScript = "setup.opsiscript"
`;

/** Some hundred small files and some large ones, half of which can be compressed: 200 MB in all. */
async function makeSource(folder: string): Promise<void> {
  const data = join(folder, "CLIENT_DATA");
  await mkdir(join(folder, "OPSI"), { recursive: true });
  await mkdir(join(data, "small"), { recursive: true });
  await writeFile(join(folder, "OPSI/control.toml"), control);
  await writeFile(join(data, "setup.opsiscript"), "[Actions]\ncomment 'done'\n");
  const words = Buffer.from("the quick brown fox jumps over the lazy dog 0123456789\n".repeat(20_000));
  for (let number = 0; number < 500; number++) {
    await writeFile(join(data, "small", `${number}.txt`), words.subarray(0, 2000 + number * 7));
  }
  for (let number = 0; number < 10; number++) {
    await writeFile(join(data, `random-${number}.bin`), randomBytes(10_000_000));
    await writeFile(join(data, `text-${number}.txt`), Buffer.concat(Array.from({ length: 10 }, () => words)));
  }
}

/** Only unpacks, the package and its two archives; the depot also takes the sum of each file, and still has to keep up. */
async function unpackWithTar(packageFile: string, target: string): Promise<void> {
  await rm(target, { recursive: true, force: true });
  await mkdir(target, { recursive: true });
  const script = `tar -xf "$1" -C "$2"
    for archive in "$2"/*.tar.zstd; do zstd -dcq "$archive" | tar -xf - -C "$2"; done`;
  await execute("bash", ["-ec", script, "unpack", packageFile, target]);
}

async function install(site: BenchSite, packageFile: string): Promise<void> {
  await site.call("depot_installPackage", [packageFile, true]);
}

/**
 * Making and installing a package of 200 MB, against tar and zstd on the same files. Unlike tar and zstd we also wait
 * until the made package is on the disk.
 */
export const benchmark: Benchmark = {
  async run(say) {
    await using folder = await temporaryFolder("package");
    await using site = await startSite();
    const source = join(folder.path, "source");
    const made = join(folder.path, "made");
    await makeSource(source);
    await mkdir(made);
    say("making");
    const tarMake = `tar -cf - CLIENT_DATA OPSI | zstd -q -f -T0 -3 -o "$1"`;
    const make = await inTurn(
      3,
      () => seconds(() => makePackage(source, { destination: made, overwrite: true })),
      () =>
        seconds(() => execute("bash", ["-c", tarMake, "make", join(folder.path, "anchor.tar.zst")], { cwd: source })),
    );
    const packageFile = join(site.root, "var/lib/opsi/repository/bench_1.0-1.opsi");
    await execute("cp", [join(made, "bench_1.0-1.opsi"), packageFile]);
    say("installing");
    const installing = await inTurn(
      3,
      () => seconds(() => install(site, packageFile)),
      () => seconds(() => unpackWithTar(packageFile, join(folder.path, "unpacked"))),
    );
    const row = (work: string, { ours, anchor }: typeof make, anchorName: string): Measurement => ({
      work,
      ...{ ours, anchor, unit: "s", ratio: anchor / ours, aim: 0.8, anchorName },
    });
    return [
      row("make a package of 200 MB", make, "tar | zstd"),
      row("install it on the depot", installing, "zstd -d | tar"),
    ];
  },
};
