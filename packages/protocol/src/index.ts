export { caFingerprint, readCaFile, readCertificates, writeCaFile } from "./certificate-authority.ts";
export {
  bodyFromQuery,
  contentTypeOf,
  decodeBody,
  decodePlainBody,
  type EncodedBody,
  type EncodeOptions,
  encodeBody,
  needsIndependentBlocks,
  plainJsonBody,
  requestSerialization,
  responseCompression,
  responseSerialization,
  type Serialization,
} from "./codecs.ts";
export {
  type Compression,
  compress,
  decompress,
} from "./compression.ts";
export type { DownloadOptions } from "./download.ts";
export type { HttpResponse, RetryOptions } from "./http-connection.ts";
export { HttpError } from "./http-error.ts";
export { decodeJson, decodeLargeJson, jsonText } from "./json.ts";
export {
  decodeRequest,
  encodeAnswers,
  envelopeError,
  type RpcAnswer,
  type RpcCall,
  type RpcOutcome,
  type RpcRequest,
  sessionError,
} from "./json-rpc.ts";
export { JsonText } from "./json-text.ts";
export { decodeLargeMessagePack } from "./large-message-pack.ts";
export { defaultLimits, LimitError, type Limits } from "./limits.ts";
export { compressLz4, decompressLz4 } from "./lz4-frame.ts";
export { decodeMessagePack, encodeMessagePack } from "./message-pack.ts";
export { decodeReport, encodeReport, type ProgramReport } from "./program-report.ts";
export type { ServerFeatures } from "./server-version.ts";
export { encodePath, parseServiceAddress, type ServiceAddress } from "./service-address.ts";
export {
  type CallOptions,
  type ConnectOptions,
  type GetOptions,
  type RequestOptions,
  ServiceClient,
} from "./service-client.ts";
export { syncFolder } from "./sync-folder.ts";
export { type TrustOptions, trustAtFirstContact } from "./trust.ts";
export type { UploadOptions } from "./upload.ts";
export type { WebdavEntry } from "./webdav-listing.ts";
export { RemoteError, toWireError, type WireError } from "./wire-errors.ts";
