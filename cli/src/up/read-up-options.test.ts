import { describe, expect, test } from "@jest/globals";
import { SentinelError } from "@sentinel/contracts/errors";
import { parseOptions } from "../parse-options.ts";
import type { Terminal } from "../terminal.ts";
import { readUpOptions, UP_OPTIONS } from "./read-up-options.ts";

const nowhere = (): void => undefined;

function read(args: readonly string[], env: Terminal["env"] = { HOME: "/home/ada" }) {
  const terminal = {
    out: nowhere,
    err: nowhere,
    drained: () => Promise.resolve(),
    env,
    cwd: "/srv/watch",
    now: () => 0,
  };
  const parsed = parseOptions("up", args, UP_OPTIONS);
  return readUpOptions(parsed, { terminal, locale: "en" }, parsed.flag("distributed"));
}

function refusalOf(args: readonly string[], env?: Terminal["env"]): SentinelError {
  try {
    read(args, env);
  } catch (thrown) {
    return SentinelError.from(thrown);
  }
  throw new Error("was not refused");
}

describe("the options of up", () => {
  test("have the promised defaults", () => {
    expect(read([])).toEqual({
      configFile: "/srv/watch/sentinel.yaml",
      dataDir: "/home/ada/.local/share/sentinel",
      host: "127.0.0.1",
      port: 8300,
      grpcPort: 8301,
      demo: false,
      natsUrl: undefined,
      incidents: 1,
      probers: 1,
      databaseUrl: undefined,
      locale: "en",
    });
  });

  test("put the data under the user's data home, unless that is not absolute", () => {
    expect(read([], { XDG_DATA_HOME: "/data", HOME: "/home/ada" }).dataDir).toBe("/data/sentinel");
    expect(read([], { XDG_DATA_HOME: "data", HOME: "/home/ada" }).dataDir).toBe("/home/ada/.local/share/sentinel");
  });

  test("make paths absolute and keep gRPC beside the port that was asked for", () => {
    const options = read(["--config", "ops/a.yaml", "--data", "/var/lib/sentinel", "--port", "9000", "--demo"]);
    expect(options).toMatchObject({
      configFile: "/srv/watch/ops/a.yaml",
      dataDir: "/var/lib/sentinel",
      port: 9000,
      grpcPort: 9001,
      demo: true,
    });
    expect(read(["--port", "65535"]).grpcPort).toBe(65_534);
    expect(read(["--grpc-port", "50051"]).grpcPort).toBe(50_051);
  });

  test("take an address to listen on with or without brackets, and nothing that is none", () => {
    expect(read(["--host", "[::1]"]).host).toBe("::1");
    expect(read(["--host", "0.0.0.0"]).host).toBe("0.0.0.0");
    for (const host of ["http://x", "a b", "x:80/y", "x/y"]) {
      expect(refusalOf(["--host", host]).code).toBe("option_value_invalid");
    }
  });

  test("name the broker and the database for distributed mode, by option or by environment", () => {
    const env = { HOME: "/h", SENTINEL_DATABASE_URL: "postgres://u:p@db/sentinel" };
    expect(read(["--distributed", "--nats", "nats://n:4222"], env)).toMatchObject({
      natsUrl: "nats://n:4222",
      databaseUrl: "postgres://u:p@db/sentinel",
    });
    expect(refusalOf(["--distributed"], env)).toMatchObject({
      code: "option_needs_other",
      params: { option: "--distributed", needed: "--nats nats://HOST:4222" },
    });
  });

  test("refuse a broker or a database that all-in-one mode would silently ignore", () => {
    expect(refusalOf(["--nats", "nats://n:4222"])).toMatchObject({ params: { needed: "--distributed" } });
    expect(refusalOf(["--database", "postgres://db/x"])).toMatchObject({ params: { needed: "--distributed" } });
  });

  test("never show the password of a database address, even of a wrong one", () => {
    const refusal = refusalOf(["--distributed", "--nats", "nats://n", "--database", "mysql://root:hunter2@db/x"]);
    expect(refusal.code).toBe("option_value_invalid");
    expect(JSON.stringify([refusal.message, refusal.params])).not.toContain("hunter2");
  });
});
