/** Native ESM through SWC; `*.test.ts` is pure, `*.int.test.ts` starts real servers. */
export default {
  testEnvironment: "node",
  extensionsToTreatAsEsm: [".ts"],
  transform: {
    "^.+\\.ts$": [
      "@swc/jest",
      {
        jsc: { parser: { syntax: "typescript" }, target: "es2024", experimental: { keepImportAttributes: true } },
        module: { type: "es6" },
        sourceMaps: "inline",
      },
    ],
  },
  testMatch: ["<rootDir>/{packages,services,cli,test,web/lib}/**/*.test.ts"],
  testPathIgnorePatterns: ["/node_modules/", "<rootDir>/test/(e2e|faults|kinds)/"],
  modulePathIgnorePatterns: ["<rootDir>/web/.next/", "<rootDir>/web/out/"],
  testTimeout: 30_000,
  maxWorkers: 2,
};
