import { isOpsiError, OpsiError } from "@opsi-ts/model";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decodeBody, encodeBody, serialize } from "./codecs.ts";
import { decodeJson } from "./json.ts";
import {
  decodeAnswer,
  decodeRequest,
  encodeAnswers,
  encodeCall,
  envelopeError,
  type RpcOutcome,
  sessionError,
} from "./json-rpc.ts";
import { JsonText } from "./json-text.ts";
import { decodeMessagePack } from "./message-pack.ts";
import { fromWireError, RemoteError, toWireError } from "./wire-errors.ts";

const failed: RpcOutcome = { error: { message: "Invalid method 'x'", class: "ValueError", details: null } };

/** Request text to answer text, as a server does it. */
function answerText(body: string, outcome: RpcOutcome = { result: true }): string {
  const request = decodeRequest(decodeJson(Buffer.from(body), { depth: 50 }));
  const outcomes = request.calls.map(() => outcome);
  return Buffer.from(serialize(encodeAnswers(request, outcomes, "json"), "json")).toString("utf8");
}

describe("answers (service §2.2)", () => {
  test.each<[request: string, answer: string, outcome?: RpcOutcome]>([
    ['{"id":1,"method":"x"}', '{"id":1,"result":true,"error":null}'],
    ['{"id":1,"method":"x","jsonrpc":"2.0"}', '{"id":1,"result":true,"jsonrpc":"2.0"}'],
    [
      '{"id":1,"method":"x"}',
      `{"id":1,"error":{"message":"Invalid method 'x'","class":"ValueError","details":null},"result":null}`,
      failed,
    ],
    [
      '{"id":1,"method":"x","jsonrpc":"2.0"}',
      `{"id":1,"error":{"message":"Invalid method 'x'","code":0,"data":{"class":"ValueError","details":null}},"jsonrpc":"2.0"}`,
      failed,
    ],
    // whatever is not exactly "2.0" is 1.0
    ['{"id":1,"method":"x","jsonrpc":2.0}', '{"id":1,"result":true,"error":null}'],
    ['{"id":1,"method":"x","jsonrpc":" 2.0"}', '{"id":1,"result":true,"error":null}'],
    ['{"id":1,"method":"x","jsonrpc":["2.0"]}', '{"id":1,"result":true,"error":null}'],
    // ids
    ['{"method":"x"}', '{"id":0,"result":true,"error":null}'],
    ['{"id":null,"method":"x"}', '{"id":0,"result":true,"error":null}'],
    ['{"id":"","method":"x"}', '{"id":0,"result":true,"error":null}'],
    ['{"id":false,"method":"x"}', '{"id":0,"result":true,"error":null}'],
    ['{"id":-0.0,"method":"x"}', '{"id":0,"result":true,"error":null}'],
    ['{"id":[],"method":"x"}', '{"id":0,"result":true,"error":null}'],
    ['{"id":{"a":1},"method":"x"}', '{"id":{"a":1},"result":true,"error":null}'],
    ['{"id":"ünï","method":"x"}', '{"id":"ünï","result":true,"error":null}'],
    ['{"id":9007199254740993,"method":"x"}', '{"id":9007199254740993,"result":true,"error":null}'],
    ['[{"id":18446744073709551616,"method":"x"}]', '{"id":18446744073709551616,"result":true,"error":null}'],
    ['{"id":1e300,"method":"x"}', '{"id":1e+300,"result":true,"error":null}'],
    // batches
    ["[]", "[]"],
    ['[{"id":1,"method":"x"}]', '{"id":1,"result":true,"error":null}'],
    [
      '[{"id":1,"method":"x"},{"id":2,"method":"x","jsonrpc":"2.0"}]',
      '[{"id":1,"result":true,"error":null},{"id":2,"result":true,"jsonrpc":"2.0"}]',
    ],
    // results that are JSON already
    ['{"id":1,"method":"x"}', '{"id":1,"result":[ 1,2 ],"error":null}', { result: new JsonText("[ 1,2 ]") }],
    [
      '[{"id":1,"method":"x"},{"id":2,"method":"x","jsonrpc":"2.0"}]',
      '[{"id":1,"result":{"a":"ä"},"error":null},{"id":2,"result":{"a":"ä"},"jsonrpc":"2.0"}]',
      { result: new JsonText(Buffer.from('{"a":"ä"}')) },
    ],
    ['{"id":1,"method":"x"}', '{"id":1,"result":null,"error":null}', { result: undefined }],
    [
      '{"id":1,"method":"x"}',
      '{"id":1,"result":{"nan":null,"bytes":"AQL/","date":"1970-01-01T00:00:00.000Z","set":[1],"big":9007199254740993,"none":null},"error":null}',
      {
        result: {
          nan: Number.NaN,
          bytes: Uint8Array.of(1, 2, 255),
          date: new Date(0),
          set: new Set([1]),
          big: 9007199254740993n,
          none: undefined,
        },
      },
    ],
  ])("%s -> %s", (request, answer, outcome) => {
    expect(answerText(request, outcome)).toBe(answer);
  });

  test("params: what Python takes for false is an empty list, the rest is for the binding to judge", () => {
    const params = (text: string) => decodeRequest(JSON.parse(`{"method":"x"${text}}`)).calls[0]?.params;
    for (const text of ["", ',"params":null', ',"params":""', ',"params":0', ',"params":false', ',"params":{}']) {
      expect(params(text)).toEqual([]);
    }
    expect(params(',"params":{"id":"x"}')).toEqual({ id: "x" });
    expect(params(',"params":"text"')).toBe("text");
  });

  test("with MessagePack a result that is JSON already is packed", async () => {
    const request = decodeRequest({ id: 7, method: "x", jsonrpc: "2.0" });
    const value = encodeAnswers(request, [{ result: new JsonText('[{"size":5000000000}]') }], "msgpack");
    const { bytes, headers } = await encodeBody(value, "msgpack", "identity");
    expect(headers).toEqual({ "content-type": "application/msgpack" });
    expect(decodeMessagePack(bytes, { depth: 9 })).toEqual({ id: 7, result: [{ size: 5e9 }], jsonrpc: "2.0" });
  });
});

describe("requests that are none (service §2.1)", () => {
  test.each<[body: string, errorClass: string, message: string]>([
    ["null", "AttributeError", "'NoneType' object has no attribute 'get'"],
    ["5", "AttributeError", "'int' object has no attribute 'get'"],
    ["1.5", "AttributeError", "'float' object has no attribute 'get'"],
    ['"text"', "AttributeError", "'str' object has no attribute 'get'"],
    ["true", "AttributeError", "'bool' object has no attribute 'get'"],
    ["[null]", "AttributeError", "'NoneType' object has no attribute 'get'"],
    ["[[]]", "AttributeError", "'list' object has no attribute 'get'"],
    ["{}", "KeyError", "'method'"],
    ['{"ID":1,"METHOD":"x"}', "KeyError", "'method'"],
    ['[{"method":"x"},{}]', "KeyError", "'method'"],
    [" ", "DecodeError", "JSON is malformed"],
    ["{", "DecodeError", "JSON is malformed"],
    ["\ufeff{}", "DecodeError", "JSON is malformed"],
    ["{'method':'x'}", "DecodeError", "JSON is malformed"],
    ['{"id":NaN,"method":"x"}', "DecodeError", "JSON is malformed"],
    ['{"method":"x"},', "DecodeError", "JSON is malformed"],
    ['{"id":01,"method":"x"}', "DecodeError", "JSON is malformed"],
    ['{"id":"\\ud83d","method":"x"}', "DecodeError", "surrogate"],
    ['{"id":"\\udc00\\ud83d","method":"x"}', "DecodeError", "surrogate"],
  ])("%s", async (body, errorClass, message) => {
    const error = await decodeBody(Buffer.from(body), "application/json", "")
      .then(decodeRequest)
      .catch((reason: unknown) => reason);
    expect(error).toMatchObject({ class: errorClass, message: expect.stringContaining(message) });
    expect(envelopeError(toWireError(error, { details: false }))).toEqual({
      id: 0,
      error: { message: expect.stringContaining(message), class: errorClass, details: null },
      result: null,
    });
  });

  test("escaped surrogate pairs and backslashes before u are fine", () => {
    const text = String.raw`["😀","\\ud83d"]`;
    expect(decodeJson(Buffer.from(text), { depth: 5 })).toEqual(["😀", "\\ud83d"]);
  });

  test("the text of the request is not repeated in the error", async () => {
    const error = await decodeBody(Buffer.from('{"password":"secret" x'), "application/json", "").catch(
      (reason: unknown) => reason,
    );
    expect(String(error)).not.toContain("secret");
  });

  test("whatever value arrives: a request or a typed error", () => {
    fc.assert(
      fc.property(fc.anything(), (value) => {
        try {
          decodeRequest(value);
        } catch (error) {
          expect(isOpsiError(error)).toBe(true);
        }
      }),
    );
  });
});

describe("the client's side (service §6.5)", () => {
  test("an answer of either form, for every outcome", () => {
    fc.assert(
      fc.property(fc.constantFrom("1.0", "2.0"), fc.jsonValue(), (jsonrpc, result) => {
        const request = decodeRequest({ ...encodeCall("a", "x", [1]), jsonrpc });
        const value = JSON.parse(JSON.stringify(result)) as unknown;
        expect(decodeAnswer(encodeAnswers(request, [{ result: value }], "msgpack"))).toEqual({
          id: "a",
          result: value,
        });
        const answer = decodeAnswer(encodeAnswers(request, [failed], "msgpack"));
        expect(answer).toMatchObject({ id: "a", error: { class: "ValueError", message: "Invalid method 'x'" } });
      }),
    );
  });

  test("errors that are mere texts", () => {
    expect(decodeAnswer(sessionError("Authentication error"))).toMatchObject({
      error: { class: "OpsiRpcError", remoteMessage: "Authentication error" },
    });
  });

  test.each([null, 1, "x", [], {}, { id: 1 }])("%j is no answer", (value) => {
    expect(() => decodeAnswer(value)).toThrow("Opsi bad rpc error");
  });
});

describe("errors on the wire (service §2.5)", () => {
  test.each<[className: string, message: string, ourClass: string, ourMessage: string]>([
    [
      "BackendMissingDataError",
      "Backend missing data error: x",
      "BackendMissingDataError",
      "Backend missing data error: x",
    ],
    [
      "BackendPermissionDeniedError",
      "Opsi service permission error: x",
      "OpsiServicePermissionError",
      "Opsi service permission error: x",
    ],
    ["BackendMissingDataError", "Backend missing data error", "BackendMissingDataError", "Backend missing data error"],
    ["BackendMissingDataError", "other words", "BackendMissingDataError", "Backend missing data error: other words"],
    ["ValueError", "Bad fqdn: 'x'", "ValueError", "Bad fqdn: 'x'"],
    ["ZeroDivisionError", "division by zero", "OpsiRpcError", "Opsi rpc error: division by zero"],
    ["__proto__", "x", "OpsiRpcError", "Opsi rpc error: x"],
  ])("%s %s", (className, message, ourClass, ourMessage) => {
    const wire = { message, class: className, details: "Traceback" };
    const error = fromWireError(wire);
    expect(error).toMatchObject({ class: ourClass, message: ourMessage, remoteClass: className, details: "Traceback" });
    // A depot server hands on what the config server said, but the traceback only to administrators.
    expect(toWireError(error, { details: true })).toEqual(wire);
    expect(toWireError(error, { details: false })).toEqual({ ...wire, details: null });
  });

  test("nobody learns the text of a bug, except administrators", () => {
    const bug = new TypeError("cannot read password of undefined");
    expect(toWireError(bug, { details: false })).toEqual({
      message: "Internal server error",
      class: "RuntimeError",
      details: null,
    });
    expect(toWireError(bug, { details: true }).details).toContain("cannot read password");
    expect(toWireError(new OpsiError("ValueError", "x"), { details: true }).details).toContain("json-rpc.test.ts");
  });

  test.each([undefined, null, "text", 5, {}, { message: 5 }, { data: null }])("%j as error", (value) => {
    expect(fromWireError(value)).toBeInstanceOf(RemoteError);
  });
});
