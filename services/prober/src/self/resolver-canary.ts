import type { Resolve } from "@sentinel/egress";
import type { Signs } from "../core/judge-ourselves.ts";

/** What the resolver said of names whose hosts worked. */
export interface ResolverCanary {
  /** A host by this name worked: what it resolves to now is right. */
  learn(name: string): void;
  /**
   * Asks for names that are known, each twice, but not for `failing`; for one that nobody has where none is known. A resolver
   * that fails some of them now or did so a moment ago, answers twice in two ways, or knows `failing` by now after its lookup
   * had failed, is not believed to have been right either.
   */
  look(failing: string, lookupFailed: boolean): Promise<Signs["resolver"]>;
}

type Answer = Awaited<ReturnType<Resolve>>;

const PATIENCE_MS = 1500;
const ASKED = 4;
/** Times that the name whose lookup failed is asked for. */
const ASKED_AGAIN = 3;
/** So long a resolver that failed some names is not believed about another one. */
const UNSTEADY_MS = 30_000;
const LEARNT = 16;
const LEARN_EVERY_MS = 600_000;

/** @param resolveAnew asks the resolver each time, never a cache */
export function createResolverCanary(resolveAnew: Resolve, random: () => string): ResolverCanary {
  const known = new Map<string, { readonly addresses: readonly string[]; readonly atMs: number }>();
  let unsteadyUntilMs = 0;
  let lyingUntilMs = 0;
  /** What it said is kept for as long as it said so, here or on the way to it. */
  const lying = (): "lies" => {
    lyingUntilMs = performance.now() + UNSTEADY_MS;
    return "lies";
  };
  const unsteady = (): "silent" => {
    unsteadyUntilMs = performance.now() + UNSTEADY_MS;
    return "silent";
  };
  const ask = (name: string): Promise<Answer> =>
    resolveAnew(name, PATIENCE_MS).catch(() => ({ ok: false, reason: "dns_failed", detail: name }));
  return {
    learn: (name) => {
      const before = known.get(name);
      const nowMs = performance.now();
      if (before !== undefined && nowMs - before.atMs < LEARN_EVERY_MS) return;
      if (before === undefined && known.size >= LEARNT) return;
      known.set(name, { addresses: before?.addresses ?? [], atMs: nowMs });
      void ask(name).then((answer) => {
        if (answer.ok) known.set(name, { addresses: answer.addresses, atMs: nowMs });
      });
    },
    look: async (failing, lookupFailed) => {
      const names = [...known.keys()].filter((name) => name !== failing).slice(0, ASKED);
      const again = lookupFailed ? Array.from({ length: ASKED_AGAIN }, () => ask(failing)) : [];
      const [own, others] = await Promise.all([
        Promise.all(again),
        Promise.all(names.map((name) => Promise.all([ask(name), ask(name)]))),
      ]);
      if (own.some(({ ok }) => ok)) return unsteady();
      if (names.length === 0) return (await isSilent(ask, `sentinel-${random()}.invalid`)) ? "silent" : "answers";
      const answers = others.map(([one, other]) => (one.ok ? one : other));
      const found = answers.flatMap((answer, index) =>
        answer.ok ? [{ now: answer.addresses, before: known.get(names[index] ?? "")?.addresses ?? [] }] : [],
      );
      if (found.length === 0) return answers.every(isDenial) ? lying() : unsteady();
      if (lookupFailed && others.flat().some((answer) => !answer.ok && !isDenial(answer))) return unsteady();
      if (lookupFailed && others.some(([one, other]) => one.ok !== other.ok)) return unsteady();
      if (isPoisoned(found, answers.length)) return lying();
      if (performance.now() < lyingUntilMs) return "lies";
      return lookupFailed && performance.now() < unsteadyUntilMs ? "silent" : "answers";
    },
  };
}

const isDenial = (answer: Answer): boolean =>
  !answer.ok && (answer.reason === "dns_nxdomain" || answer.reason === "dns_no_address");

async function isSilent(ask: (name: string) => Promise<Answer>, name: string): Promise<boolean> {
  const answer = await ask(name);
  return !answer.ok && !isDenial(answer);
}

interface Found {
  readonly now: readonly string[];
  readonly before: readonly string[];
}

/** All names that are answered lead to one address now, which none of them had. */
function isPoisoned(found: readonly Found[], asked: number): boolean {
  const addresses = new Set(found.flatMap(({ now }) => now));
  const news = found.filter(({ now, before }) => before.length > 0 && now.every((each) => !before.includes(each)));
  return asked >= 2 && news.length === found.length && addresses.size === 1;
}
