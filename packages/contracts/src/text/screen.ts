// What a page of the dashboard reads: no language but the one it registers, and neither errors nor the terminal's words.
export * from "./catalogue.ts";
export * from "./catalogues.ts";
export * from "./describe-diagnosis.ts";
export * from "./evidence-lines.ts";
export * from "./format.ts";
export * from "./overview.ts";
export * from "./render-text.ts";
export { fill } from "./sentence.ts";
export * from "./timeline-evidence.ts";
