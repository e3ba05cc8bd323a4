type ToolName = "nats-server" | "k6";

/** Path of the tool in its pinned version, built when it is not there yet; rejects with a sentence that says what to do. */
export function ensurePinnedTool(name: ToolName): Promise<string>;
/** Path of the pinned tool or, where it cannot be had, of Debian's build; rejects with a sentence that says what to do. */
export function ensureTool(name: ToolName): Promise<string>;
/** Path of Debian's build of the tool; rejects with a sentence that says why there is none. */
export function ensureDebianTool(name: string): Promise<string>;
