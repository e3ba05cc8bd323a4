import { expect, test } from "@jest/globals";
import { createFailpoint } from "./failpoints.ts";

function count(armed: string | undefined) {
  let kills = 0;
  const failpoint = createFailpoint(armed, () => (kills += 1));
  return { failpoint, kills: () => kills };
}

test("the armed point ends the process at its first hit, other points never do", () => {
  const { failpoint, kills } = count("fold.before-commit");
  failpoint("fold.after-commit");
  expect(kills()).toBe(0);
  failpoint("fold.before-commit");
  expect(kills()).toBe(1);
});

test("with a number it waits for that hit", () => {
  const { failpoint, kills } = count("notify.after-send:3");
  failpoint("notify.after-send");
  failpoint("notify.after-send");
  expect(kills()).toBe(0);
  failpoint("notify.after-send");
  expect(kills()).toBe(1);
});

test("nothing armed does nothing", () => {
  const { failpoint, kills } = count(undefined);
  failpoint("fold.before-commit");
  count("").failpoint("fold.before-commit");
  expect(kills()).toBe(0);
});

test.each(["fold.befor-commit", "fold.before-commit:0", "fold.before-commit:x", "fold.before-commit:1:2"])(
  "%s is refused, because a crash test that never crashes proves nothing",
  (armed) => {
    expect(() => createFailpoint(armed)).toThrow("environment_invalid");
  },
);
