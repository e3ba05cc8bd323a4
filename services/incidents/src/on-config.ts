import { readFile, rename, writeFile } from "node:fs/promises";
import { isDeepStrictEqual } from "node:util";
import { type ConfigStatus, type Monitor, MonitorSource, MonitorSpec } from "@sentinel/contracts";
import { type Environment, parseConfig, type SentinelConfig } from "@sentinel/contracts/config";
import { SentinelError, type FieldProblem } from "@sentinel/contracts/errors";
import type { ServiceKit } from "@sentinel/service-kit";
import type { Maintenance } from "./maintenance.ts";
import type { Monitors } from "./monitors.ts";

const POLL_MS = 1000;
const SETTLE_MS = 100;
const ACTOR = "sentinel.yaml";

export interface ConfigFile {
  readonly path: string;
  /** Where `${NAME}` of secrets is looked up. */
  readonly env: Environment;
  /** Where its content comes from; the disk when absent. Rejects as `node:fs` does. */
  readonly read?: (path: string) => Promise<string>;
  /** Where a copy of the last good content is kept, so that its channels outlive a restart on a broken file. */
  readonly lastGoodPath?: string;
}

export interface ConfigDeps {
  readonly kit: ServiceKit;
  readonly file: ConfigFile;
  /** Absent when somebody else brings the monitors in step: then only channels are taken from the file. */
  readonly monitors?: Monitors;
  readonly maintenance?: Pick<Maintenance, "applyFile">;
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
  const { kit, file } = deps;
  let seen: string | undefined;
  let pending: SentinelConfig | undefined;
  let status: ConfigStatus | undefined;
  let problems: Problem[] = [];
  const report = (next: Partial<ConfigStatus>): void => {
    const before = status ?? { file: file.path, exists: false, appliedAtMs: 0, problems: [] };
    const after = { ...before, ...next, problems };
    if (status !== undefined && isDeepStrictEqual(status, after)) return;
    status = after;
    deps.onStatus(after);
  };
  const take = (text: FileText): void => {
    if (text.problem !== undefined) {
      seen = undefined;
      problems = problemsWhenGone(deps, text.problem);
      report({ exists: text.problem.code !== "file_missing" });
      return;
    }
    if (text.content === seen) return;
    seen = text.content;
    const parsed = parseConfig(text.content, { file: file.path, env: file.env });
    problems = parsed.ok ? [] : parsed.problems.map((problem) => toProblem(file.path, problem));
    if (parsed.ok) {
      pending = parsed.config;
      return;
    }
    kit.log.warn("incidents.config_refused", { file: file.path, problems: problems.length });
    report({ exists: true });
  };
  const applyPending = async (): Promise<void> => {
    if (pending === undefined) return;
    await apply(deps, pending);
    deps.onConfig(pending);
    pending = undefined;
    if (seen !== undefined) await keepLastGood(file, seen);
    report({ exists: seen !== undefined, appliedAtMs: kit.clock.now() });
    kit.log.info("incidents.config_applied", { file: file.path });
  };
  return {
    first: async () => {
      take(await readText(file));
      const fresh = (status?.appliedAtMs ?? 0) === 0;
      if (problems.length > 0 && fresh) await useLastGood(deps);
      await applyPending();
    },
    follow: async (signal) => {
      while (!signal.aborted) {
        await kit.clock.sleep(POLL_MS, signal);
        if (signal.aborted) return;
        try {
          take(await readSettled(deps, seen, signal));
          await applyPending();
        } catch (error) {
          // What could not be applied is tried again with the next look.
          kit.log.warn("incidents.config_not_applied", { error });
        }
      }
    },
  };
}

/** A file that is being written may be empty or cut for a moment: it is taken once it stays the same. */
async function readSettled(
  { kit, file }: ConfigDeps,
  seen: string | undefined,
  signal: AbortSignal,
): Promise<FileText> {
  let text = await readText(file);
  for (let before = seen; text.content !== before && !signal.aborted; text = await readText(file)) {
    before = text.content;
    await kit.clock.sleep(SETTLE_MS, signal);
  }
  return text;
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

/** Secrets may stand in it as they may in the file itself, so nobody else may read it. */
async function keepLastGood({ lastGoodPath }: ConfigFile, content: string): Promise<void> {
  if (lastGoodPath === undefined) return;
  await writeFile(`${lastGoodPath}.new`, content, { mode: 0o600 });
  await rename(`${lastGoodPath}.new`, lastGoodPath);
}

/** The monitors of the last good file are in the store; its channels are here. */
async function useLastGood({ kit, file, onConfig }: ConfigDeps): Promise<void> {
  if (file.lastGoodPath === undefined) return;
  const content = await readFile(file.lastGoodPath, "utf8").catch(() => "");
  const parsed = parseConfig(content, { file: file.lastGoodPath, env: file.env });
  if (content === "" || !parsed.ok) return;
  kit.log.warn("incidents.last_good_config_used", { file: file.lastGoodPath });
  onConfig(parsed.config);
}

type FileText =
  | { readonly content: string; readonly problem?: undefined }
  | { readonly content: ""; readonly problem: Problem };

const fromDisk = (path: string): Promise<string> => readFile(path, "utf8");

async function readText({ path: file, read = fromDisk }: ConfigFile): Promise<FileText> {
  try {
    return { content: await read(file) };
  } catch (thrown) {
    const reason = typeof thrown === "object" && thrown !== null && "code" in thrown ? String(thrown.code) : "unknown";
    const code = reason === "ENOENT" ? "file_missing" : "file_unreadable";
    return { content: "", problem: { code, params: { file, reason, path: "" }, file, line: 0, column: 0 } };
  }
}

async function apply({ monitors, maintenance, known }: ConfigDeps, config: SentinelConfig): Promise<void> {
  await maintenance?.applyFile(config.maintenance);
  if (monitors === undefined) return;
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
