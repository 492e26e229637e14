import { existsSync, readFileSync } from "node:fs";
import { copyFile, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readMySqlSettings } from "../../../packages/server/src/backends/sql/mysql/mysql-settings.ts";
import { readHostControlSettings } from "../../../packages/server/src/configuration/host-control-settings.ts";
import { readPythonFile } from "../../../packages/server/src/configuration/read-python-file.ts";
import type { Comparison } from "../packages/compare.ts";
import { type RecordedError, type RecordedFile, refuses } from "./play-configuration.ts";

interface RecordedBackend extends RecordedFile {
  readonly kind: string;
  readonly module?: string | null;
  readonly config?: unknown;
  /** Of mysql.conf. */
  readonly connection?: Readonly<Record<string, unknown>>;
  /** Of hostcontrol.conf. */
  readonly effective?: Readonly<Record<string, unknown>> & { readonly error?: RecordedError };
}

export async function playBackendFile(comparison: Comparison, path: string, recorded: RecordedBackend): Promise<void> {
  const { kind, module = null, config, connection, effective, error } = recorded;
  if (error) return refuses(comparison, "refused", () => readPythonFile(path), path, /line \d+/i);
  let values: ReadonlyMap<string, unknown>;
  try {
    values = readPythonFile(path);
  } catch (reason) {
    // The original runs the file. Who wrote code must hear where it stands, and that it is not run.
    return refuses(
      comparison,
      "code",
      () => {
        throw reason;
      },
      path,
      /line \d+: .*code is not run/,
    );
  }
  comparison.equal("module", module, values.get("module") ?? null);
  comparison.equal("config", config, values.has("config") ? values.get("config") : { $missing: true });
  if (kind === "mysql" && connection) playMySql(comparison, path, connection);
  if (kind === "hostcontrol" && effective) await playHostControl(comparison, path, effective);
}

function playMySql(comparison: Comparison, path: string, connection: Readonly<Record<string, unknown>>): void {
  if (connection["error"]) {
    refuses(comparison, "connection", () => readMySqlSettings(path), path);
    return;
  }
  const { ssl_ca: ca, ssl_key: key, ssl_cert: certificate } = connection;
  const missing = [ca, key, certificate].filter((file) => typeof file === "string" && !existsSync(file));
  if (missing.length > 0 && /["']ssl["']\s*:\s*(True|1|["'](true|1)["'])/i.test(readFileSync(path, "latin1"))) {
    // The original finds it out when it connects.
    refuses(comparison, "connection", () => readMySqlSettings(path), path, String(missing[0]));
    comparison.defect();
    return;
  }
  const { address, database, username, password, connections } = readMySqlSettings(path);
  const { connection_pool_size: size, connection_pool_max_overflow: overflow } = connection;
  comparison.equal(
    "connection",
    {
      // Brackets are for URLs.
      ...{ address: String(connection["address"]).replace(/^\[|\]$/g, ""), database: connection["database"] },
      ...{
        username: connection["username"],
        password: connection["password"],
        connections: Number(size) + Number(overflow),
      },
    },
    { address, database, username, password, connections },
  );
}

async function playHostControl(
  comparison: Comparison,
  path: string,
  effective: NonNullable<RecordedBackend["effective"]>,
): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "play-hostcontrol-"));
  try {
    await copyFile(path, join(folder, "hostcontrol.conf"));
    if (effective.error)
      return refuses(comparison, "effective", () => readHostControlSettings(folder), "hostcontrol.conf");
    const found = readHostControlSettings(folder);
    const broadcasts = [...found.broadcastAddresses].map(([network, ports]) => [network, Object.fromEntries(ports)]);
    comparison.equal(
      "effective",
      { ...effective, use_messagebus: undefined },
      {
        broadcast_addresses: Object.fromEntries(broadcasts),
        host_reachable_timeout: found.reachableTimeout,
        host_rpc_timeout: found.rpcTimeout,
        max_connections: found.maxConnections,
        opsiclientd_port: found.port,
        resolve_host_address: found.resolveHostAddress,
      },
    );
  } finally {
    await rm(folder, { recursive: true });
  }
}
