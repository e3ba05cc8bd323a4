import { readYaml } from "@sentinel/contracts/config";
import { takeWords } from "../parse-options.ts";
import { readTextFile } from "../read-text-file.ts";
import { importBlackbox } from "./blackbox.ts";
import { readCsv } from "./csv.ts";
import type { MonitorDraft } from "./draft.ts";
import { importGatus } from "./gatus.ts";
import type { Ledger } from "./ledger.ts";
import { importKuma } from "./uptime-kuma.ts";
import { importUptimeRobot } from "./uptimerobot.ts";

interface Imported {
  /** Every key of it must be spoken of. */
  readonly input: unknown;
  readonly drafts: readonly MonitorDraft[];
}

type Source = (files: readonly string[], ledger: Ledger) => Promise<Imported>;

const SOURCE_NAMES = ["gatus", "blackbox", "uptime-kuma", "uptimerobot"] as const;
type SourceName = (typeof SOURCE_NAMES)[number];

export const isSourceName = (text: string): text is SourceName => SOURCE_NAMES.some((name) => name === text);

/** The programs whose configuration can be read. */
export const SOURCES: Readonly<Record<SourceName, Source>> = {
  gatus: async (files, ledger) => {
    const read = await Promise.all(files.map(yamlOf));
    const input = merged(read);
    return { input, drafts: importGatus(input, ledger) };
  },
  blackbox: async (files, ledger) => {
    const read = await Promise.all(files.map(async (file) => [file, await yamlOf(file)] as const));
    const input = Object.fromEntries(read);
    return { input, drafts: importBlackbox(input, ledger) };
  },
  "uptime-kuma": async (files, ledger) => {
    const { readKumaDatabase } = await import("./kuma-database.ts");
    const [file = ""] = takeWords("import uptime-kuma", files, ["FILE"]);
    const input = readKumaDatabase(file);
    return { input, drafts: importKuma(input, ledger) };
  },
  uptimerobot: async (files, ledger) => {
    const read = await Promise.all(files.map(async (file) => [file, await robotOf(file)] as const));
    return {
      input: Object.fromEntries(read),
      drafts: read.flatMap(([file, value]) => importUptimeRobot(value, file, ledger)),
    };
  },
};

const yamlOf = async (file: string): Promise<unknown> => readYaml(await readTextFile(file), file);

async function robotOf(file: string): Promise<unknown> {
  const text = await readTextFile(file);
  return /^\s*[[{]/.test(text) ? readYaml(text, file) : readCsv(text);
}

/** Gatus reads all files of a folder as one: lists are joined. */
function merged(read: readonly unknown[]): unknown {
  const all: Record<string, unknown> = {};
  for (const [index, each] of read.entries()) {
    for (const [key, value] of Object.entries(typeof each === "object" && each !== null ? each : {})) {
      const before = all[key];
      if (Array.isArray(before) && Array.isArray(value)) all[key] = [...before, ...value];
      // Said twice, it would hide one of the two: the second is told under a name of its own.
      else all[before === undefined ? key : `${key} (${index + 1})`] = value;
    }
  }
  return all;
}
