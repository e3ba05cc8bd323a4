// `npm run test:kinds`: a monitor of every kind against real servers, broken in every way; `-- --report` prints what is said.
import { runJest } from "../harness/run-jest.ts";
import { report } from "./report.ts";

process.exitCode = process.argv.includes("--report") ? await report() : await runJest("test/kinds");
