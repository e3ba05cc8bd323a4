import { runHostileSuite } from "@sentinel/testkit";
import { waysOut } from "./ways-out.ts";

process.stdout.write(JSON.stringify(await runHostileSuite(waysOut)));
