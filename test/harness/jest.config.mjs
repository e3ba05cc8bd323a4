import base from "../../jest.config.mjs";

/** For the heavier suites, which `npm test` leaves out: named by folder on the command line. */
export default {
  ...base,
  rootDir: "../..",
  testPathIgnorePatterns: ["/node_modules/"],
  testTimeout: 240_000,
  maxWorkers: 1,
};
