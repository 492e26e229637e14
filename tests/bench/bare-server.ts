import { readFileSync } from "node:fs";
import { createServer } from "node:https";

/** The anchor: `bare-server.ts PORT KEY CERTIFICATE HEADERS ANSWER`, answers every request with what two files hold. */
const [port, key = "", certificate = "", head = "", answer = ""] = process.argv.slice(2);
const headers = JSON.parse(readFileSync(head, "utf8")) as string[];
const body = readFileSync(answer);
const server = createServer({ key: readFileSync(key), cert: readFileSync(certificate) }, (request, response) => {
  request.resume();
  request.on("end", () => {
    response.sendDate = false; // one is among the headers
    response.writeHead(200, headers);
    response.end(body);
  });
});
server.listen(Number(port), "127.0.0.1", () => console.log("listens"));
