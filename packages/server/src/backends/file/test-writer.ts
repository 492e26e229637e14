import { familyOf, fromHash, OpsiClient } from "@opsi-ts/model";
import { FileStorage } from "./file-storage.ts";

/** Writes a rising number to two clients in one transaction each, prints what is written, and waits to be killed. */
const [folder = "", hostKeys = ""] = process.argv.slice(2);
const hosts = familyOf("host");
const storage = await FileStorage.open(folder, { configserverId: "opsi.example.org", hostKeys });
const [first] = await storage.read(hosts);
for (let number = Number(first?.["notes"] ?? 0) + 1; ; number++) {
  const notes = String(number);
  const clients = ["pc1.example.org", "pc2.example.org"].map((id) => fromHash(OpsiClient, { id, notes }));
  await storage.write(hosts, clients, "update");
  console.log(notes);
}
