import { join } from "node:path";
import { isHash, OpsiError } from "@opsi-ts/model";
import { writeFileAtomically } from "../../configuration/atomic-file.ts";
import type { Call } from "../../methods/declare.ts";
import { runMethod } from "../../methods/own-call.ts";
import { bodyPieces } from "../body.ts";
import type { Exchange } from "../exchange.ts";
import { multipartBoundary, parseMultipart } from "../file-transfer/multipart.ts";
import { restErrors } from "../rest-error.ts";
import type { Route } from "../router.ts";
import { adminRoute } from "./admin-route.ts";

/** Bytes of all files of an upload; a licence has some thousand. */
const uploadLimit = 1_000_000;
const licenseName = /^\w[\w -]*\.opsilic$/;

/** Licence files: kept for the original, should a site go back; nothing here depends on them. (service 1.7, 8.11) */
export function licenseRoutes(call: Call): Route[] {
  return [
    adminRoute("GET", "licensing_info", () => licensingInfo(call)),
    {
      methods: ["POST"],
      path: "/admin/license_upload",
      role: "admin",
      handle: restErrors(422, (exchange) => upload(call, exchange)),
    },
  ];
}

async function licensingInfo(call: Call) {
  const info = await runMethod(call, "backend_getLicensingInfo", false, false, true, true);
  const numbers = isHash(info) && isHash(info["client_numbers"]) ? info["client_numbers"] : {};
  const kinds = ["macos", "linux", "windows", "all", "inactive"];
  return {
    info: {
      ...{ customer_name: "", customer_address: "", customer_unit: "" },
      checksum: isHash(info) ? info["licenses_checksum"] : "",
      ...Object.fromEntries(kinds.map((kind) => [`${kind}_clients`, numbers[kind] ?? 0])),
    },
    module_dates: {},
    active_date: null,
  };
}

async function upload({ site }: Call, exchange: Exchange): Promise<void> {
  const boundary = multipartBoundary(exchange.header("content-type"));
  if (boundary === null) throw new OpsiError("ValidationError", "the body must be a form with files");
  const files = await readFiles(exchange, boundary);
  if (files.length === 0) throw new OpsiError("ValidationError", "the form has no file in its field 'files'");
  for (const { name, content } of files) {
    writeFileAtomically(join(site.folders.licenses, name), content);
  }
  exchange.sendText(201, `${files.length} opsi license files imported`);
}

/** All files of the form, before anything is written. @throws OpsiError ValueError for a name that is no licence's */
async function readFiles(exchange: Exchange, boundary: string): Promise<{ name: string; content: Buffer }[]> {
  const files: { name: string; pieces: Uint8Array[] }[] = [];
  let size = 0;
  for await (const event of parseMultipart(bodyPieces(exchange.request), boundary)) {
    if (event.kind === "part") {
      const isFile = event.name === "files";
      if (isFile && !licenseName.test(event.fileName ?? "")) throw new OpsiError("ValueError", "Invalid license file.");
      files.push({ name: isFile ? (event.fileName ?? "") : "", pieces: [] });
    } else {
      size += event.data.length;
      if (size > uploadLimit) throw new OpsiError("ValueError", `The files have more than ${uploadLimit} bytes`);
      files.at(-1)?.pieces.push(event.data);
    }
  }
  return files.filter(({ name }) => name !== "").map(({ name, pieces }) => ({ name, content: Buffer.concat(pieces) }));
}
