import { readFile } from "node:fs/promises";
import { type ConfigStatus, type Monitor, MonitorSource, MonitorSpec } from "@sentinel/contracts";
import { type Environment, parseConfig, type SentinelConfig } from "@sentinel/contracts/config";
import { SentinelError, type FieldProblem } from "@sentinel/contracts/errors";
import type { ServiceKit } from "@sentinel/service-kit";
import type { Monitors } from "./monitors.ts";

const POLL_MS = 1000;
const ACTOR = "sentinel.yaml";

export interface ConfigFile {
  readonly path: string;
  /** Where `${NAME}` of secrets is looked up. */
  readonly env: Environment;
}

export interface ConfigDeps {
  readonly kit: ServiceKit;
  readonly file: ConfigFile;
  readonly monitors: Monitors;
  /** Monitors that live now. */
  readonly known: () => readonly Monitor[];
  readonly onConfig: (config: SentinelConfig) => void;
  readonly onStatus: (status: ConfigStatus) => void;
}

/**
 * Keeps what runs in step with `sentinel.yaml`. A broken or missing file never replaces a good configuration: the last
 * good one runs on and the status says what is wrong. A monitor of the same name made over REST is taken over.
 */
export function createConfigFollower(deps: ConfigDeps): {
  /** Applies the file as it is now. */
  first(): Promise<void>;
  follow(signal: AbortSignal): Promise<void>;
} {
  let seen: string | undefined;
  let pending: SentinelConfig | undefined;
  let status: ConfigStatus = { file: deps.file.path, exists: false, appliedAtMs: 0, problems: [] };
  const report = (next: Partial<ConfigStatus>): void => {
    status = { ...status, ...next };
    deps.onStatus(status);
  };
  const read = async (): Promise<void> => {
    const text = await readText(deps.file.path);
    if (text.content !== seen || text.problem !== undefined) {
      if (text.problem !== undefined) {
        if (seen !== undefined || status.problems.length === 0) {
          seen = undefined;
          report({ exists: text.problem.code !== "file_missing", problems: problemsWhenGone(deps, text.problem) });
        }
        return;
      }
      seen = text.content;
      const parsed = parseConfig(text.content, { file: deps.file.path, env: deps.file.env });
      if (!parsed.ok) {
        deps.kit.log.warn("incidents.config_refused", { file: deps.file.path, problems: parsed.problems.length });
        report({ exists: true, problems: parsed.problems.map((problem) => toProblem(deps.file.path, problem)) });
        return;
      }
      pending = parsed.config;
    }
    if (pending === undefined) return;
    await apply(deps, pending);
    deps.onConfig(pending);
    pending = undefined;
    report({ exists: true, appliedAtMs: deps.kit.clock.now(), problems: [] });
    deps.kit.log.info("incidents.config_applied", { file: deps.file.path });
  };
  return {
    first: read,
    follow: async (signal) => {
      while (!signal.aborted) {
        await deps.kit.clock.sleep(POLL_MS, signal);
        if (signal.aborted) return;
        try {
          await read();
        } catch (error) {
          // What could not be applied is tried again with the next look.
          deps.kit.log.warn("incidents.config_not_applied", { error });
        }
      }
    },
  };
}

type Problem = ConfigStatus["problems"][number];

/** No file is no fault for a newcomer; it is one when monitors came from it. */
function problemsWhenGone(deps: ConfigDeps, problem: Problem): Problem[] {
  const fromFile = deps.known().some((monitor) => monitor.source === MonitorSource.FILE);
  return problem.code === "file_missing" && !fromFile ? [] : [problem];
}

const toProblem = (file: string, problem: FieldProblem): Problem => ({
  code: problem.code,
  params: { ...problem.params, path: problem.path },
  file,
  line: problem.line ?? 0,
  column: problem.column ?? 0,
});

async function readText(
  file: string,
): Promise<
  { readonly content: string; readonly problem?: undefined } | { readonly content: ""; readonly problem: Problem }
> {
  try {
    return { content: await readFile(file, "utf8") };
  } catch (thrown) {
    const reason = thrown instanceof Error && "code" in thrown ? String(thrown.code) : "unknown";
    const code = reason === "ENOENT" ? "file_missing" : "file_unreadable";
    return { content: "", problem: { code, params: { file, reason, path: "" }, file, line: 0, column: 0 } };
  }
}

async function apply({ monitors, known }: ConfigDeps, config: SentinelConfig): Promise<void> {
  const wanted = new Map(config.monitors.map((spec) => [spec.name, spec]));
  const have = new Map(known().map((monitor) => [monitor.spec?.name ?? "", monitor]));
  for (const [name, monitor] of have) {
    if (monitor.source !== MonitorSource.FILE || wanted.has(name)) continue;
    await monitors.remove(monitor.id, { actor: ACTOR, expectedVersion: 0 }).catch(ignoreGone);
  }
  for (const [name, spec] of wanted) {
    const monitor = have.get(name);
    const source = MonitorSource.FILE;
    if (monitor === undefined) await monitors.create(spec, { source, actor: ACTOR, idempotencyKey: "" });
    else if (monitor.source !== source || !sameSpec(monitor.spec, spec)) {
      await monitors.change(monitor.id, spec, { source, actor: ACTOR, expectedVersion: 0 });
    }
  }
}

function ignoreGone(thrown: unknown): void {
  if (!(thrown instanceof SentinelError) || thrown.code !== "monitor_not_found") throw thrown;
}

export function sameSpec(a: MonitorSpec | undefined, b: MonitorSpec): boolean {
  return a !== undefined && Buffer.compare(MonitorSpec.encode(a).finish(), MonitorSpec.encode(b).finish()) === 0;
}
