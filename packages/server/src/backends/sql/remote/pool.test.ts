import { expect, test } from "vitest";
import { Connection, type Driver } from "./connection.ts";
import { Pool } from "./pool.ts";

const driver: Driver = {
  connect: async () => {},
  control: async () => {},
  each: async () => {},
  change: async () => 0,
  changeAll: async () => {},
  pause: () => {},
  resume: () => {},
  end: async () => {},
  destroy: () => {},
  failure: (error) => error,
};

test("who comes when a connection becomes free does not get one beside those who wait", async () => {
  let connections = 0;
  await using pool = new Pool(() => {
    connections++;
    return Connection.open(driver, []);
  }, 1);
  const first = Promise.withResolvers<void>();
  const started = Promise.withResolvers<void>();
  const order: string[] = [];
  const uses = [
    pool.use(() => {
      started.resolve();
      return first.promise;
    }),
    pool.use(async () => order.push("waited")),
  ];
  await started.promise;
  const late = Promise.withResolvers<unknown>();
  first.resolve();
  queueMicrotask(() => late.resolve(pool.use(async () => order.push("late"))));
  await Promise.all([...uses, late.promise]);
  expect({ connections, order }).toEqual({ connections: 1, order: ["waited", "late"] });
});
