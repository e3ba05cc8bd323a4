import { describe, expect, test } from "@jest/globals";
import { parseMonitorInput, specView } from "@sentinel/contracts/config";
import {
  completeUrl,
  draftOf,
  emptyDraft,
  inputOf,
  inputOfSpec,
  mergedInput,
  nameFromUrl,
  optionLines,
  optionsOf,
  parseAddress,
} from "./monitor-form.ts";
import { readOptions } from "./read-options.ts";
import { sampleMonitor } from "./testing/sample-views.ts";

describe("an address as people type it", () => {
  test.each([
    ["example.com/health", "https://example.com/health"],
    ["localhost:3000", "http://localhost:3000"],
    ["127.0.0.1:80", "http://127.0.0.1:80"],
    [" http://example.com ", "http://example.com"],
    ["", ""],
  ])("%p is read as %p", (typed, read) => {
    expect(completeUrl(typed)).toBe(read);
  });

  test.each(["https://", "two words", "javascript:alert(1)x", ""])("%p is refused", (typed) => {
    expect(parseAddress(typed)).toBeNull();
  });

  test.each([
    ["https://www.shop.example.com/health", "shop"],
    ["http://127.0.0.1:8081/", "127-0-0-1-8081"],
    ["localhost:3000", "localhost-3000"],
    ["http://[::1]:9/", "1-9"],
    ["nonsense://", ""],
  ])("%p suggests the name %p", (url, name) => {
    expect(nameFromUrl(url)).toBe(name);
  });
});

describe("what the form sends", () => {
  test("what was left empty is left to its default", () => {
    expect(inputOf({ ...emptyDraft, urls: ["shop.example", ""] })).toEqual({
      name: "shop",
      endpoints: [{ url: "https://shop.example" }],
      repair: { action: "wake-up", mode: "auto" },
      nature: "technical",
      tags: [],
    });
  });

  test("numbers become numbers, and what is none goes as typed, so that the answer can name it", () => {
    const input = inputOf({ ...emptyDraft, urls: ["a.example"], status: "200, often", failuresToConfirm: "three" });
    expect(input).toMatchObject({ endpoints: [{ expect: { status: [200, "often"] } }], failuresToConfirm: "three" });
  });

  test("an unchanged form gives back the definition it was filled from, and keeps what it does not show", () => {
    const { spec } = sampleMonitor();
    const input = mergedInput(spec, draftOf(spec), spec.endpoints.map(optionsOf));
    expect(input).toMatchObject({
      endpoints: [{ url: "https://shop.example/health", headers: { "x-kept": "1" }, redirects: 5 }],
      repair: { mode: "auto", cooldown: "10m", hourlyCap: 6, patience: "30s" },
      failuresToConfirm: 2,
    });
    expect(parseMonitorInput(input, [], "shop")).toMatchObject({ ok: true });
    expect(parseMonitorInput(inputOfSpec(spec), [], "shop")).toMatchObject({ ok: true });
  });

  test("group, dependencies and objective are sent, and taken away when they were emptied", () => {
    const filled = { group: " Shop ", dependsOn: "db, cache", sloTarget: "99,9", sloWindow: "7d", owner: "ops" };
    const input = inputOf({ ...emptyDraft, ...filled, urls: ["a.example"] });
    expect(input).toMatchObject({
      group: "Shop",
      dependsOn: ["db", "cache"],
      slo: { target: 99.9, window: "7d" },
    });
    const parsed = parseMonitorInput(input);
    if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
    const spec = specView(parsed.spec);
    expect(parseMonitorInput(mergedInput(spec, draftOf(spec), []))).toEqual(parsed);
    const emptied = { ...draftOf(spec), group: "", dependsOn: "", sloTarget: "", sloWindow: "", owner: "" };
    const without = parseMonitorInput(mergedInput(spec, emptied, []));
    expect(without).toMatchObject({ ok: true, spec: { group: "", dependsOn: [], slo: undefined, owner: "" } });
  });

  test("a window without a target is refused at its field", () => {
    const parsed = parseMonitorInput(inputOf({ ...emptyDraft, urls: ["a.example"], sloWindow: "7d" }));
    expect(parsed).toMatchObject({ ok: false, problems: [{ path: "slo.target" }] });
  });

  test("an address that was added has none of the other's headers", () => {
    const { spec } = sampleMonitor();
    const draft = { ...draftOf(spec), urls: [spec.endpoints[0]?.url ?? "", "https://shop.example/cart"] };
    expect(mergedInput(spec, draft, spec.endpoints.map(optionsOf))).toMatchObject({
      endpoints: [{ headers: { "x-kept": "1" } }, { url: "https://shop.example/cart" }],
    });
  });
});

describe("a job that calls", () => {
  const job = {
    ...emptyDraft,
    urls: ["heartbeat://nightly-backup"],
    heartbeat: { every: "1h", cron: "", timeZone: "", grace: "10m" },
  };

  test("is added with when it is expected, under the name in its address", () => {
    const input = inputOf(job);
    expect(input).toMatchObject({
      name: "nightly-backup",
      endpoints: [{ url: "heartbeat://nightly-backup", heartbeat: { every: "1h", grace: "10m" } }],
    });
    expect(parseMonitorInput(input)).toMatchObject({ ok: true });
  });

  test("keeps a token that it brought when it is changed", () => {
    const tokenHash = "0a".repeat(32);
    const parsed = parseMonitorInput({
      name: "x",
      endpoints: [{ url: "heartbeat://nightly-backup", heartbeat: { every: "1h", tokenHash } }],
    });
    if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
    const spec = specView(parsed.spec);
    const draft = draftOf(spec);
    expect(draft.heartbeat).toMatchObject({ every: "1h", grace: "5m" });
    const changed = mergedInput(spec, { ...draft, heartbeat: { ...draft.heartbeat, every: "2h" } }, []);
    expect(changed).toMatchObject({ endpoints: [{ heartbeat: { every: "2h", grace: "5m", tokenHash } }] });
    expect(parseMonitorInput(changed)).toMatchObject({ ok: true });
  });
});

async function readBack(text: string): Promise<Record<string, unknown>> {
  const read = await readOptions(text);
  if (!read.ok) throw new Error(`line ${read.line} of\n${text}`);
  return read.options;
}

test.each([
  [{ body: "a: b # c\n- d", empty: "", none: [], nothing: {} }],
  [{ words: ["yes", "No", "null", "~", "1e3", "0x1F", "- x", "{a}", "*", "&a", "${SENTINEL_SECRET_A}", " x "] }],
  [
    {
      steps: [
        { name: "sign in", click: "text=Sign in" },
        { headers: { "x:y": "1", accept: "*/*" }, n: 1.5, on: true },
      ],
    },
  ],
  [{ nested: [["a", "b"], [{ c: [1] }]] }],
])("options written for the form are read as they were: %j", async (options) => {
  expect(await readBack(optionLines(options))).toEqual(options);
});

test("the options of a kind are shown, written back and read as lines, without what says nothing", async () => {
  const endpoint = {
    url: "tcp://mail.example.com:25",
    tcp: { starttls: "smtp", tls: { skipVerify: false }, steps: [{ send: "EHLO x", expect: "^250" }] },
    assert: [{ subject: "latency", below: 500, severity: "degraded" }],
  };
  const parsed = parseMonitorInput({ name: "mail", endpoints: [endpoint] });
  if (!parsed.ok) throw new Error("not read");
  const view = specView(parsed.spec);
  const draft = draftOf(view);
  const options = await Promise.all(draft.options.map(readBack));
  expect(parseMonitorInput(mergedInput(view, draft, options))).toEqual(parsed);
  expect(optionLines({ tcp: options[0]?.["tcp"] })).toContain("starttls: smtp\n");
});
