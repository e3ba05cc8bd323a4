import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { spawnSync } from "node:child_process";
import { afterEach, expect, test } from "@jest/globals";
import { Sentinel, until } from "../harness/sentinel.ts";
import { GUARD_MS } from "./support.ts";

const root = join(import.meta.dirname, "../..");

let sentinel: Sentinel;
afterEach(() => sentinel.remove(), GUARD_MS);

interface ConfigView {
  readonly problems: readonly { readonly path: string; readonly code: string; readonly message: string }[];
}

test(
  "a broken sentinel.yaml does not stop the first start; the page and `sentinel check` say the same of it",
  async () => {
    sentinel = await Sentinel.create({
      config:
        'monitors:\n  shop: {endpoint: ["http://127.0.0.1:9/"]}\n  cart: {endpoints: ["http://127.0.0.1:9/"], every: soon}\n',
    });
    sentinel.start();
    await sentinel.ready(GUARD_MS);
    const config = await until(
      "the problems of the file",
      async () => {
        const view = await sentinel.call<ConfigView>("GET", "/api/v1/config");
        return view.problems.length > 0 ? view : undefined;
      },
      GUARD_MS,
    );
    const checked = spawnSync(
      process.execPath,
      [join(root, "cli/src/main.ts"), "check", join(sentinel.folder, "sentinel.yaml"), "-o", "json"],
      { encoding: "utf8" },
    );
    expect(checked.status).toBe(1);
    const facts = ({ problems }: ConfigView) => problems.map(({ path, code, message }) => ({ path, code, message }));
    const said: ConfigView = JSON.parse(checked.stdout);
    expect(facts(config)).toEqual(facts(said));
    expect(facts(said).map(({ path }) => path)).toContain("monitors.cart.every");

    await sentinel.configure('monitors: {shop: {endpoints: ["http://127.0.0.1:9/"], every: 10m}}\n');
    await until(
      "the corrected file",
      async () => ((await sentinel.call<ConfigView>("GET", "/api/v1/config")).problems.length === 0 ? true : undefined),
      GUARD_MS,
    );
  },
  2 * GUARD_MS,
);

test(
  "on an address that others reach, a token is printed once, stored as a hash, and demanded",
  async () => {
    sentinel = await Sentinel.create({ args: ["--host", "0.0.0.0"] });
    sentinel.start();
    await until("its start", () => (sentinel.output.includes("is running") ? true : undefined), GUARD_MS);
    const token = /sen_[\w-]{32}/.exec(sentinel.output)?.[0] ?? "";
    expect(token).not.toBe("");
    expect(await readFile(join(sentinel.folder, "data/access-token.sha256"), "utf8")).toMatch(/^[0-9a-f]{64}\n$/);
    await sentinel.stop();

    sentinel.output = "";
    sentinel.start();
    await until("its second start", () => (sentinel.output.includes("is running") ? true : undefined), GUARD_MS);
    expect(sentinel.output).not.toContain("sen_");
    expect(await readFile(join(sentinel.folder, "data/logs/sentinel.log"), "utf8")).not.toContain(token);
    const statusWith = async (headers: Readonly<Record<string, string>>): Promise<number> =>
      (await fetch(`${sentinel.url}/api/v1/monitors`, { headers })).status;
    expect(await statusWith({})).toBe(401);
    expect(await statusWith({ authorization: "Bearer sen_wrong" })).toBe(401);
    expect(await statusWith({ authorization: `Bearer ${token}` })).toBe(200);

    const login = (value: string) =>
      fetch(`${sentinel.url}/api/v1/session`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ token: value }),
      });
    expect((await login("sen_wrong")).status).toBe(401);
    const session = await login(token);
    expect(session.ok).toBe(true);
    const cookie = (session.headers.get("set-cookie") ?? "").split(";")[0] ?? "";
    expect(await statusWith({ cookie })).toBe(200);
  },
  2 * GUARD_MS,
);
