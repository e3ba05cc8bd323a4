/** What became of one key of the input: kept as it is, kept in another form, or not kept. */
export interface Note {
  readonly kind: "mapped" | "changed" | "lost";
  /** Where it stands in the input, such as "endpoints.0.client.timeout". */
  readonly path: string;
  /** The key that holds it now, where one does. */
  readonly to?: string;
  /** Text key after "import.why.", with its parameters; absent for what is kept as it is. */
  readonly why?: string;
  readonly params?: Readonly<Record<string, string>>;
}

/** A secret that stood in the input and is referred to by name from now on. */
export interface FoundSecret {
  readonly name: string;
  readonly path: string;
}

/** The book in which every key of the input ends up, so that nothing is lost without being told. */
export interface Ledger {
  mapped(path: string, to: string): void;
  changed(path: string, to: string, why: string, params?: Readonly<Record<string, string>>): void;
  lost(path: string, why: string, params?: Readonly<Record<string, string>>): void;
  /** A reference in place of the value; values that already name variables keep their names. */
  secret(path: string, to: string, hint: string, value: string): string;
  /** Takes back whatever was kept at or below a path: the monitor that it belonged to is refused. */
  refuse(path: string, why: string, params: Readonly<Record<string, string>>): void;
  /** Adds what nobody has spoken of as lost, and gives all. */
  close(input: unknown): { readonly notes: readonly Note[]; readonly secrets: readonly FoundSecret[] };
}

const PREFIX = "SENTINEL_SECRET_";

export function createLedger(): Ledger {
  let notes: Note[] = [];
  let secrets: FoundSecret[] = [];
  const note = (each: Note): void => void notes.push(each);
  const nameFor = (hint: string): string => {
    const plain =
      PREFIX +
      (hint
        .normalize("NFKD")
        .toUpperCase()
        .replaceAll(/[^A-Z0-9]+/g, "_")
        .replaceAll(/^_+|_+$/g, "") || "VALUE");
    const taken = (name: string): boolean => secrets.some((each) => each.name === name);
    for (let count = 1; ; count += 1) {
      const name = count === 1 ? plain : `${plain}_${count}`;
      if (!taken(name)) return name;
    }
  };
  return {
    mapped: (path, to) => note({ kind: "mapped", path, to }),
    changed: (path, to, why, params = {}) => note({ kind: "changed", path, to, why, params }),
    lost: (path, why, params = {}) => note({ kind: "lost", path, why, params }),
    secret: (path, to, hint, value) => {
      const names: string[] = [];
      const refer = (name: string): string => {
        names.push(name);
        if (!secrets.some((each) => each.name === name && each.path === path)) secrets.push({ name, path });
        return `\${${name}}`;
      };
      const named = value.replaceAll(/\$\{(\w+)\}|\$([A-Za-z_]\w*)/g, (_, braced?: string, bare?: string) => {
        const name = (braced ?? bare ?? "").toUpperCase();
        return refer(name.startsWith(PREFIX) ? name : `${PREFIX}${name}`);
      });
      const text = named === value ? refer(nameFor(hint)) : named;
      note({ kind: "changed", path, to, why: "secret", params: { names: names.join(", ") } });
      return text;
    },
    refuse: (path, why, params) => {
      const below = (each: { readonly path: string }): boolean => covers(path, each.path);
      notes = notes.filter((each) => !below(each));
      secrets = secrets.filter((each) => !below(each));
      note({ kind: "lost", path, why, params });
    },
    close: (input) => {
      for (const path of leavesOf(input)) {
        if (!notes.some((each) => covers(each.path, path))) note({ kind: "lost", path, why: "unknown_key" });
      }
      const told = new Map(notes.map((each) => [JSON.stringify(each), each]));
      return { notes: [...told.values()], secrets };
    },
  };
}

/** True where a note at one path speaks of the other. */
export const covers = (path: string, other: string): boolean => other === path || other.startsWith(`${path}.`);

/** The path of every value of the input that holds no others; what is empty holds nothing. */
export function leavesOf(value: unknown, path = ""): readonly string[] {
  if (value === null || value === undefined || value === "") return [];
  if (typeof value !== "object" || value instanceof Uint8Array) return [path];
  return Object.entries(value).flatMap(([key, each]) => leavesOf(each, path === "" ? key : `${path}.${key}`));
}
