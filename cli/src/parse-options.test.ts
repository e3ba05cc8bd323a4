import { describe, expect, test } from "@jest/globals";
import { SentinelError } from "@sentinel/contracts/errors";
import { type OptionSpecs, parseOptions, readChoice, readInteger, takeWords } from "./parse-options.ts";

const specs: OptionSpecs = {
  config: { type: "string", short: "c" },
  port: { type: "string" },
  demo: { type: "boolean" },
};

const parse = (...args: string[]) => parseOptions("up", args, specs);

function refusalOf(run: () => unknown): Pick<SentinelError, "code" | "params"> | undefined {
  try {
    run();
  } catch (thrown) {
    const { code, params } = SentinelError.from(thrown);
    return { code, params };
  }
  return undefined;
}

describe("a command line", () => {
  test("gives values, flags and words, whichever way they are written", () => {
    for (const args of [
      ["--config", "a.yaml", "--demo", "word"],
      ["word", "--demo", "--config=a.yaml"],
      ["-c", "a.yaml", "word", "--demo"],
    ]) {
      const parsed = parse(...args);
      expect([parsed.value("config"), parsed.flag("demo"), parsed.words]).toEqual(["a.yaml", true, ["word"]]);
    }
  });

  test("leaves out what was not written", () => {
    const parsed = parse();
    expect([parsed.value("config"), parsed.flag("demo"), parsed.words]).toEqual([undefined, false, []]);
  });

  test("takes the last of an option that stands twice", () => {
    expect(parse("--port", "1", "--port", "2").value("port")).toBe("2");
  });

  test("takes everything after -- as words", () => {
    expect(parse("--", "--demo").words).toEqual(["--demo"]);
  });

  test.each([
    [["--prot", "1"], "option_unknown_near", { option: "--prot", command: "up", near: "--port" }],
    [["--xyzzyx"], "option_unknown", { option: "--xyzzyx", command: "up" }],
    [["-x"], "option_unknown", { option: "-x", command: "up" }],
    [["--config"], "option_value_missing", { option: "--config" }],
    [["--config", "--demo"], "option_value_missing", { option: "--config" }],
    [["--config="], "option_value_missing", { option: "--config" }],
    [["--demo=yes"], "option_value_unexpected", { option: "--demo", value: "yes" }],
  ])("%j is refused as %s", (args, code, params) => {
    expect(refusalOf(() => parse(...args))).toEqual({ code, params });
  });

  test("a value that begins with a dash can be written with =", () => {
    expect(parse("--config=-odd").value("config")).toBe("-odd");
  });
});

describe("values", () => {
  test("a number is whole and in its range", () => {
    expect(readInteger("--port", "8300", 1, 65_535)).toBe(8300);
    for (const value of ["0", "65536", "80a", "1e3", "-1", ""]) {
      expect(refusalOf(() => readInteger("--port", value, 1, 65_535))).toEqual({
        code: "option_value_invalid",
        params: { option: "--port", value, expected: "1–65535" },
      });
    }
  });

  test("a choice is one of its words", () => {
    expect(readChoice("-o", "json", ["table", "json"])).toBe("json");
    expect(refusalOf(() => readChoice("-o", "xml", ["table", "json"]))?.params).toMatchObject({
      expected: "table | json",
    });
  });

  test("words are exactly as many as the command names", () => {
    expect(takeWords("c", ["a"], ["NAME"])).toEqual(["a"]);
    expect(refusalOf(() => takeWords("c", [], ["NAME"]))).toEqual({
      code: "argument_missing",
      params: { argument: "NAME", command: "c" },
    });
    expect(refusalOf(() => takeWords("c", ["a", "b"], ["NAME"]))).toEqual({
      code: "argument_unexpected",
      params: { argument: "b", command: "c" },
    });
  });
});
