import { silentLog } from "@opsi-ts/logging";
import { expect, test } from "vitest";
import type { Caller } from "../configuration/read-from-service.ts";
import { withTransferSlot } from "./transfer-slot.ts";

test.each([3_000_000, -1])("a service that says %d seconds is not asked without pause", async (seconds) => {
  let calls = 0;
  const service: Caller = {
    call: async <T>() => {
      calls++;
      return { retry_after: seconds } as T;
    },
  };
  const signal = AbortSignal.timeout(200);
  await expect(
    withTransferSlot(service, "depot.example.org", "pc1.example.org", silentLog, signal, async () => {}),
  ).rejects.toThrow(/abort/i);
  expect(calls).toBe(1);
});
