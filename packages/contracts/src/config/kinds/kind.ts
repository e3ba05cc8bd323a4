import type { z } from "zod";
import type { Endpoint } from "../../generated/sentinel/monitors/v1/monitors.ts";
import type { Subject } from "../assertion-schema.ts";

export type Check = NonNullable<Endpoint["check"]>;
export type CheckName = Check["$case"];
type Of<Name extends CheckName> = Extract<Check, { readonly $case: Name }>;

interface About {
  /** Without the colon; the first is the usual one. */
  readonly schemes: readonly string[];
  /** An address of this kind, for the message about one that is none. */
  readonly example: string;
  /** True when the address must name a port, there being none that everybody uses. */
  readonly needsPort: boolean;
  /** What assertions can look at; latency and phase are always there. */
  readonly subjects: readonly Subject[];
  /** Keys beside the address that HTTP has too and that this kind uses. */
  readonly uses?: readonly ("headers" | "http")[];
  /** False for an address that lacks what this kind needs beyond a host. */
  readonly addressFits?: (url: URL) => boolean;
}

/** A kind of check other than HTTP: the schemes of its addresses, and what may stand beside the address. */
export interface Kind extends About {
  readonly name: CheckName;
  /** The keys of its options, for "did you mean". */
  readonly keys: readonly string[];
  /** Reads the options that people write into what the wire has; null and undefined stay. */
  readonly field: z.ZodType<Check | null | undefined>;
  /** The options back as people write them, every default filled in. */
  readonly view: (check: Check) => unknown;
}

/**
 * @param options what people write; every option has a default, or its absence is a problem with a sentence.
 * @param toWire and `view` are each other's inverse.
 */
export function defineKind<Name extends CheckName, Options extends z.ZodObject>(
  kind: About & {
    readonly name: Name;
    readonly options: Options;
    readonly toWire: (options: z.output<Options>) => Of<Name>["value"];
    readonly view: (value: Of<Name>["value"]) => z.input<Options>;
    readonly wrap: (value: Of<Name>["value"]) => Check;
    readonly unwrap: (check: Check) => Of<Name>["value"] | undefined;
  },
): Kind {
  const { options, toWire, view, wrap, unwrap, ...about } = kind;
  return {
    ...about,
    keys: Object.keys(options.shape),
    field: options.transform((value) => wrap(toWire(value))).nullish(),
    view: (check) => {
      const value = unwrap(check);
      return value === undefined ? {} : view(value);
    },
  };
}
