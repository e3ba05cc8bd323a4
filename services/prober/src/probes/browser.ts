import type { BrowserCheck, BrowserStep } from "@sentinel/contracts";
import { type EgressPhases, type LoopbackProxy, startLoopbackProxy } from "@sentinel/egress";
import type { Page } from "playwright-core";
import { MAX_JOURNEY_BYTES, openPage } from "../browser/open-page.ts";
import { PageCrashed, type PageWatch, watchPage } from "../browser/page-watch.ts";
import { oneLine, runStep, shortly, StepFailed } from "../browser/run-step.ts";
import { takeScreenshot } from "../browser/take-screenshot.ts";
import type { Judgement } from "../core/assertions.ts";
import { verdictOfFailure } from "../core/verdict.ts";
import { type ProbeRequest, type See, type Seen, Unchecked } from "./probe.ts";
import { reveal } from "./tls-settings.ts";

/** A journey under way. */
interface Journey {
  readonly page: Page;
  readonly watch: PageWatch;
  readonly proxy: LoopbackProxy;
  readonly request: ProbeRequest;
  readonly leftMs: () => number;
  readonly steps: { readonly name: string; readonly durationMs: number }[];
  readonly secrets: Set<string>;
  /** When the first answer began. */
  answeredMs: number | undefined;
}

/** Opens the page and takes the steps as a person would; a browser that starts slowly is not charged to the target. */
export const seeBrowser: See<"browser"> = async (check, request) => {
  const { browsers, egress } = request.deps;
  if (browsers === undefined) throw new Unchecked("browser_missing");
  const release = await browsers.place(request.spec.timeoutMs);
  try {
    const limits = { timeoutMs: request.spec.timeoutMs + STARTING_MS, maxBytes: MAX_JOURNEY_BYTES };
    const proxy = await startLoopbackProxy(egress, { ...limits, signal: request.signal });
    try {
      return await seeThrough(proxy, check, request);
    } finally {
      await proxy.close();
    }
  } finally {
    release();
  }
};

/** How long a browser may take to start, beside the time that the journey has. */
const STARTING_MS = 60_000;
const LOOK_MS = 2000;

async function seeThrough(proxy: LoopbackProxy, check: BrowserCheck, request: ProbeRequest): Promise<Seen> {
  const { browsers, clock } = request.deps;
  if (browsers === undefined) throw new Unchecked("browser_missing");
  const { locale, skipVerify } = check;
  const opened = await browsers.open({ proxyPort: proxy.port, locale: locale || "en-US", skipVerify });
  const close = (): void => void opened.close();
  request.signal.addEventListener("abort", close, { once: true });
  try {
    const page = await opened.context.newPage();
    const watch = watchPage(opened.context, page);
    const from = clock.monotonic();
    const leftMs = (): number => from + request.spec.timeoutMs - clock.monotonic();
    const journey: Journey = {
      page,
      watch,
      proxy,
      request,
      leftMs,
      steps: [],
      secrets: new Set(),
      answeredMs: undefined,
    };
    page.once("response", () => {
      journey.answeredMs = clock.monotonic() - from;
    });
    const judgement = await travel(check, journey);
    const tookMs = clock.monotonic() - from;
    return await seenOf(journey, judgement, tookMs);
  } finally {
    request.signal.removeEventListener("abort", close);
    await opened.close();
  }
}

/** The first page and every step, until one fails; undefined when all went well. */
async function travel({ steps }: BrowserCheck, journey: Journey): Promise<Judgement | undefined> {
  const { request } = journey;
  const first: BrowserStep = {
    name: "",
    act: "goto",
    target: request.endpoint.url.slice("browser+".length),
    value: "",
  };
  for (const [index, step] of [first, ...steps].entries()) {
    const until = steps.length === 0 ? "load" : "domcontentloaded";
    const open = (url: string): Promise<void> => openPage(url, index === 0 ? until : "domcontentloaded", journey);
    const name = step.name === "" ? nameOf(step) : step.name;
    const failed = await take(step, name, open, journey);
    if (failed !== undefined) {
      const params = { ...failed.params, step: name };
      return { verdict: verdictOfFailure(failed.reason), reason: failed.reason, params };
    }
  }
  return undefined;
}

async function take(
  step: BrowserStep,
  name: string,
  open: (url: string) => Promise<void>,
  journey: Journey,
): Promise<StepFailed | undefined> {
  const { page, watch, leftMs, request } = journey;
  const { clock, secret } = request.deps;
  const from = clock.monotonic();
  const disclose = (text: string): string => {
    const shown = reveal(text, secret);
    if (shown !== text) journey.secrets.add(shown);
    return shown;
  };
  const running = runStep(step, { page, leftMs, reveal: disclose, open });
  const over = new AbortController();
  const late = overdue(journey, over.signal);
  for (const each of [running, late]) each.catch(() => undefined);
  try {
    await Promise.race([running, watch.crashed, late, tooMuch(journey)]);
    return undefined;
  } catch (thrown) {
    if (thrown instanceof StepFailed) return thrown;
    if (thrown instanceof PageCrashed) return new StepFailed("page_crashed");
    if (thrown instanceof Unchecked) throw thrown;
    return new StepFailed("page_not_opened", { url: page.url(), detail: oneLine(String(thrown)) });
  } finally {
    over.abort();
    journey.steps.push({ name, durationMs: clock.monotonic() - from });
  }
}

async function tooMuch({ proxy }: Journey): Promise<never> {
  await proxy.overflow;
  throw new StepFailed("body_too_large", { limitBytes: String(MAX_JOURNEY_BYTES) });
}

/** A page that hangs answers no question about it: its time ends here, a little after every other limit. */
async function overdue({ leftMs, watch, request }: Journey, over: AbortSignal): Promise<never> {
  await request.deps.clock.sleep(Math.max(1, leftMs()) + LOOK_MS, over);
  if (watch.dialogs() > 0) throw new StepFailed("page_dialogs", { count: String(watch.dialogs()) });
  throw new StepFailed("page_hangs");
}

const WORDS: Readonly<Record<string, string>> = { expect_text: "expectText", expect_visible: "expectVisible" };
const nameOf = ({ act, target, value }: BrowserStep): string => {
  const words =
    act === "fill" || act === "script" ? target : [value, target].filter((text) => text !== "").join(" in ");
  return oneLine(`${WORDS[act] ?? act.replaceAll(/_(\w)/g, (_, next: string) => next.toUpperCase())} ${words}`).slice(
    0,
    80,
  );
};

async function seenOf(journey: Journey, judgement: Judgement | undefined, tookMs: number): Promise<Seen> {
  const { page, watch, proxy, steps, secrets } = journey;
  const text = await shortly(page.locator("body").innerText({ timeout: LOOK_MS }), "", LOOK_MS);
  const title = await shortly(page.title(), "", LOOK_MS);
  const screenshot = await takeScreenshot(page, text, secrets);
  const values: Readonly<Record<string, string>> = {
    errors: String(watch.errors()),
    dialogs: String(watch.dialogs()),
    title,
    url: page.url(),
  };
  const status = watch.status();
  return {
    facts: {
      phases: phasesOf(tookMs, proxy.firstConnectMs() ?? tookMs, journey.answeredMs ?? tookMs),
      remoteAddress: undefined,
      status,
      headers: {},
      body: new TextEncoder().encode(text),
      certificate: undefined,
      redirects: [],
    },
    look: (subject, of) => {
      const value =
        subject === "status"
          ? status?.toString()
          : subject === "body"
            ? text
            : subject === "value"
              ? values[of]
              : undefined;
      return value === undefined ? undefined : [value];
    },
    requestLine: page.url(),
    ...(judgement === undefined ? {} : { judgement }),
    shown: { screenshot, console: [...watch.console], steps },
  };
}

/** The name and the connection are one of our own; TLS and the wait are the browser's, which does not tell them apart. */
function phasesOf(tookMs: number, connectMs: number, answeredMs: number): EgressPhases {
  const connect = Math.min(connectMs, tookMs);
  const firstByte = Math.max(0, Math.min(answeredMs, tookMs) - connect);
  return { dnsMs: 0, connectMs: connect, tlsMs: 0, firstByteMs: firstByte, transferMs: tookMs - connect - firstByte };
}
