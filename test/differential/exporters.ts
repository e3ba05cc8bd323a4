import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseBlackbox } from "@sentinel/contracts/config";
import { createEgress } from "@sentinel/egress";
import { systemClock } from "@sentinel/service-kit";
import { freePort, startProgram } from "@sentinel/testkit";
import { serveProbes } from "../../cli/src/probe-exporter/serve.ts";
import { modulesFor } from "./modules.ts";

export interface Exporter {
  readonly base: string;
  stop(): Promise<void>;
}

/** Both exporters on one `blackbox.yml`. @param program path of blackbox_exporter. */
export async function startBoth(
  program: string,
  root: string,
): Promise<{ readonly theirs: Exporter; readonly ours: Exporter }> {
  const port = await freePort();
  let yaml = "";
  const them = await startProgram(
    program,
    (folder) => [`--config.file=${join(folder, "blackbox.yml")}`, `--web.listen-address=127.0.0.1:${port}`],
    /Listening on/i,
    async (folder) => {
      const authority = join(folder, "root.pem");
      yaml = modulesFor(authority);
      await writeFile(authority, root);
      await writeFile(join(folder, "blackbox.yml"), yaml);
    },
  );
  const theirs = { base: `http://127.0.0.1:${port}`, stop: () => them.stop() };
  return { theirs, ours: await startOurs(yaml) };
}

async function startOurs(yaml: string): Promise<Exporter> {
  const parsed = parseBlackbox(yaml);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  const egress = createEgress({ policy: { allowPrivate: true, allowCidrs: [] }, clock: systemClock });
  const { modules } = parsed;
  const server = await serveProbes({
    host: "127.0.0.1",
    port: 0,
    reload: () => Promise.resolve(undefined),
    deps: () => ({
      modules,
      egress,
      clock: systemClock,
      readFile: (path) => readFile(path, "utf8"),
      offsetSeconds: 0.5,
    }),
  });
  return { base: `http://127.0.0.1:${server.port}`, stop: () => server.stop() };
}
