import { parseBlackbox } from "@sentinel/contracts/config";
import { SentinelError } from "@sentinel/contracts/errors";
import { renderProblem, renderText } from "@sentinel/contracts/text";
import { createEgress, isCidr } from "@sentinel/egress";
import { systemClock } from "@sentinel/service-kit";
import { type Command, EXIT } from "../command.ts";
import { type Parsed, readInteger, takeWords } from "../parse-options.ts";
import { isLoopbackName } from "../probe-exporter/loopback-name.ts";
import { serveProbes } from "../probe-exporter/serve.ts";
import { readTextFile } from "../read-text-file.ts";
import type { Context } from "../terminal.ts";
import { stopRequested } from "../up/stop-requested.ts";

const DEFAULT_PORT = "9115";
const DEFAULT_OFFSET = "0.5";

/** `sentinel probe-exporter`: answers Prometheus as blackbox_exporter does, from the same `blackbox.yml`. */
export const probeExporter: Command = {
  name: "probe-exporter",
  options: {
    config: { type: "string", short: "c" },
    port: { type: "string", short: "p" },
    host: { type: "string" },
    allow: { type: "string" },
    "timeout-offset": { type: "string" },
  },
  async run(parsed, context) {
    takeWords("probe-exporter", parsed.words, []);
    const { terminal, locale } = context;
    const file = parsed.value("config") ?? "blackbox.yml";
    const host = parsed.value("host") ?? "127.0.0.1";
    const port = readInteger("--port", parsed.value("port") ?? DEFAULT_PORT, 0, 65_535);
    const egress = createEgress({ policy: policyOf(parsed, host), clock: systemClock });
    const offsetSeconds = readOffset(parsed.value("timeout-offset") ?? DEFAULT_OFFSET);
    const first = await readModules(file, context);
    if (!first.ok) {
      terminal.err(first.said);
      return EXIT.failed;
    }
    let { modules } = first;
    const stop = stopRequested();
    const server = await serveProbes({
      host,
      port,
      deps: () => ({ modules, egress, clock: systemClock, readFile: readTextFile, offsetSeconds }),
      reload: async () => {
        const again = await readModules(file, context);
        if (!again.ok) return again.said;
        ({ modules } = again);
        return undefined;
      },
    }).catch((cause: unknown) => {
      const reason = cause instanceof Error && "code" in cause ? String(cause.code) : "unknown";
      throw new SentinelError("port_unavailable", { address: `${host}:${port}`, reason }, { cause });
    });
    const shown = { url: `http://${host}:${server.port}`, modules: String(modules.size), file };
    terminal.out(`${renderText(locale, "cli.exporter_ready", shown)}\n`);
    await stop.requested;
    egress.close();
    await server.stop();
    stop.done();
    return EXIT.ok;
  },
};

/** Whoever starts it on loopback may probe what this machine can; to others only public addresses are open unless allowed. */
function policyOf(parsed: Parsed, host: string) {
  const allowCidrs = (parsed.value("allow") ?? "").split(",").filter((each) => each !== "");
  const wrong = allowCidrs.find((each) => !isCidr(each));
  if (wrong !== undefined) {
    throw new SentinelError("option_value_invalid", { option: "--allow", value: wrong, expected: "10.1.0.0/16" });
  }
  return { allowPrivate: isLoopbackName(host), allowCidrs };
}

function readOffset(text: string): number {
  if (/^\d+(?:\.\d+)?$/.test(text)) return Number(text);
  throw new SentinelError("option_value_invalid", { option: "--timeout-offset", value: text, expected: "0.5" });
}

async function readModules(file: string, { locale }: Context) {
  const parsed = parseBlackbox(await readTextFile(file));
  if (parsed.ok) return parsed;
  const lines = parsed.problems.map(
    (each) => `${file}:${each.line ?? 1}:${each.column ?? 1}: ${each.path}: ${renderProblem(locale, each)}\n`,
  );
  return { ok: false, said: lines.join("") } as const;
}
