import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["packages/*/src/**/*.test.ts", "tests/**/*.test.ts"],
    testTimeout: 60_000, // a busy machine took twenty seconds for the longest
    hookTimeout: 60_000,
    pool: "forks",
  },
});
