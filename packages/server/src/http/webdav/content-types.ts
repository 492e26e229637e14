/** Content types by ending; what is not here is a stream of bytes. Texts are UTF-8. (service 4.2) */
const types: Readonly<Record<string, string>> = {
  txt: "text/plain; charset=utf-8",
  log: "text/plain; charset=utf-8",
  md: "text/markdown; charset=utf-8",
  csv: "text/csv; charset=utf-8",
  html: "text/html; charset=utf-8",
  htm: "text/html; charset=utf-8",
  css: "text/css; charset=utf-8",
  js: "text/javascript; charset=utf-8",
  mjs: "text/javascript; charset=utf-8",
  json: "application/json",
  xml: "application/xml",
  pdf: "application/pdf",
  zip: "application/zip",
  gz: "application/gzip",
  tar: "application/x-tar",
  cpio: "application/x-cpio",
  "7z": "application/x-7z-compressed",
  png: "image/png",
  jpg: "image/jpeg",
  jpeg: "image/jpeg",
  gif: "image/gif",
  bmp: "image/bmp",
  ico: "image/x-icon",
  svg: "image/svg+xml",
  webp: "image/webp",
  sh: "application/x-sh",
  exe: "application/vnd.microsoft.portable-executable",
  efi: "application/efi",
  msi: "application/x-msi",
  wasm: "application/wasm",
};

export function contentType(name: string): string {
  const dot = name.lastIndexOf(".");
  if (dot <= 0) return "application/octet-stream";
  return types[name.slice(dot + 1).toLowerCase()] ?? "application/octet-stream";
}
