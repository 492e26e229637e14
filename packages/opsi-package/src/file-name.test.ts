import { expect, test } from "vitest";
import { parsePackageFileName, repositoryFileName } from "./file-name.ts";

// packages 1.1
test.each<[name: string, productId: string, version: string, customName: string | null]>([
  ["7zip_24.09-1.opsi", "7zip", "24.09-1", null],
  ["/var/lib/opsi/repository/a_b_1.0-2.opsi.md5", "a_b", "1.0-2", null],
  ["x_1.0-1.opsi.zsync", "x", "1.0-1", null],
  ["x_1.0-1~site.opsi", "x", "1.0-1~site", "site"],
  ["x_1.0-1~My_site.opsi", "x", "1.0-1~My_site", "My_site"],
])("%s", (name, productId, version, customName) => {
  expect(parsePackageFileName(name)).toMatchObject({ productId, version, customName });
});

test.each(["x.opsi", "_1.0-1.opsi", "x_.opsi", "x_1.0-1.zip", ""])("'%s' is not the name of a package", (name) => {
  expect(parsePackageFileName(name)).toBeNull();
});

test("a repository knows no custom names", () => {
  expect(repositoryFileName("x_1.0-1~site~2.opsi")).toBe("x_1.0-1.opsi");
  expect(repositoryFileName("x_1.0-1.opsi")).toBe("x_1.0-1.opsi");
});
