// `npm run test:faults`: kill -9 at each named point of the thread; the story must end the same.
import { runJest } from "../harness/run-jest.ts";

process.exitCode = await runJest("test/faults");
