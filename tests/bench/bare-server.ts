import { readFileSync } from "node:fs";
import { createServer } from "node:https";

/** The anchor: `bare-server.ts PORT KEY CERTIFICATE ANSWER`, answers every request with the bytes of a file. */
const [port, key = "", certificate = "", answer = ""] = process.argv.slice(2);
const body = readFileSync(answer);
const server = createServer({ key: readFileSync(key), cert: readFileSync(certificate) }, (request, response) => {
  request.resume();
  request.on("end", () => {
    response.writeHead(200, { "content-type": "application/json", "content-length": body.length });
    response.end(body);
  });
});
server.listen(Number(port), "127.0.0.1", () => console.log("listens"));
