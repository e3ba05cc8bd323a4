import { compilePattern } from "@sentinel/contracts/config";
import { jsonpath, type JSONPathQuery, Nothing, TokenKind } from "json-p3";
import { patternCost, type Work } from "./work.ts";

type Segment = JSONPathQuery["segments"][number];
type Selector = Segment["selectors"][number];
type Expression = InstanceType<typeof jsonpath.expressions.LogicalExpression>["expression"];

const { NameSelector, IndexSelector, SliceSelector, WildcardSelector, FilterSelector } = jsonpath.selectors;
const {
  BooleanLiteral,
  FunctionExtension,
  InfixExpression,
  LogicalExpression,
  NullLiteral,
  NumberLiteral,
  PrefixExpression,
  RelativeQuery,
  RootQuery,
  StringLiteral,
} = jsonpath.expressions;

/** A list of nodes within a filter, to be told from a value that is an array. */
class Nodes {
  readonly values: readonly unknown[];
  constructor(values: readonly unknown[]) {
    this.values = values;
  }
}

interface Context {
  readonly root: unknown;
  readonly current: unknown;
  readonly work: Work;
}

/**
 * The values that a read JSONPath selects, in the order of RFC 9535. Every node looked at is paid for, so that no query over
 * no document runs longer than its bound. @throws TooCostly
 */
export function evaluateQuery(query: JSONPathQuery, root: unknown, work: Work): readonly unknown[] {
  return walk(query.segments, { root, current: root, work });
}

function walk(segments: readonly Segment[], { root, current, work }: Context): readonly unknown[] {
  let nodes: readonly unknown[] = [current];
  for (const segment of segments) {
    const found: unknown[] = [];
    const visit = (node: unknown): void => {
      work.spend(1);
      for (const selector of segment.selectors) select(selector, { root, current: node, work }, found);
    };
    for (const node of nodes) {
      if (segment.token.kind === TokenKind.DDOT) eachWithin(node, work, visit);
      else visit(node);
    }
    nodes = found;
  }
  return nodes;
}

/** The node and all below it, parents first. The depth of documents is bounded where they are parsed. */
function eachWithin(node: unknown, work: Work, visit: (node: unknown) => void): void {
  visit(node);
  for (const child of childrenOf(node, work)) eachWithin(child, work, visit);
}

function childrenOf(node: unknown, work: Work): readonly unknown[] {
  const children = Array.isArray(node) ? node : isObject(node) ? Object.values(node) : [];
  work.spend(1 + children.length);
  return children;
}

function select(selector: Selector, context: Context, into: unknown[]): void {
  const { current, work } = context;
  work.spend(1);
  if (selector instanceof NameSelector) {
    if (isObject(current) && Object.hasOwn(current, selector.name)) into.push(current[selector.name]);
  } else if (selector instanceof IndexSelector) {
    if (!Array.isArray(current)) return;
    const index = selector.index < 0 ? current.length + selector.index : selector.index;
    if (index >= 0 && index < current.length) into.push(current[index]);
  } else if (selector instanceof SliceSelector) {
    if (Array.isArray(current)) slice(selector, current, work, into);
  } else if (selector instanceof WildcardSelector) {
    for (const child of childrenOf(current, work)) into.push(child);
  } else if (selector instanceof FilterSelector) {
    for (const child of childrenOf(current, work)) {
      if (isTrue(evaluate(selector.expression, { ...context, current: child }))) into.push(child);
    }
  }
}

/** Section 2.3.4.2.2 of RFC 9535. */
function slice(
  { start, stop, step = 1 }: InstanceType<typeof SliceSelector>,
  array: readonly unknown[],
  work: Work,
  into: unknown[],
): void {
  if (step === 0) return;
  const { length } = array;
  const place = (index: number): number => (index >= 0 ? index : length + index);
  const [low, high] = step > 0 ? [0, length] : [-1, length - 1];
  const within = (index: number): number => Math.min(Math.max(place(index), low), high);
  const from = start === undefined ? (step > 0 ? 0 : length - 1) : within(start);
  const to = stop === undefined ? (step > 0 ? length : -1) : within(stop);
  for (let at = from; step > 0 ? at < to : at > to; at += step) {
    work.spend(1);
    into.push(array[at]);
  }
}

function evaluate(expression: Expression, context: Context): unknown {
  context.work.spend(1);
  if (expression instanceof NullLiteral) return null;
  if (
    expression instanceof StringLiteral ||
    expression instanceof NumberLiteral ||
    expression instanceof BooleanLiteral
  ) {
    return expression.value;
  }
  if (expression instanceof LogicalExpression) return isTrue(evaluate(expression.expression, context));
  if (expression instanceof PrefixExpression) return !isTrue(evaluate(expression.right, context));
  if (expression instanceof InfixExpression) return infix(expression, context);
  if (expression instanceof RelativeQuery) return new Nodes(walk(expression.path.segments, context));
  if (expression instanceof RootQuery) {
    return new Nodes(walk(expression.path.segments, { ...context, current: context.root }));
  }
  if (expression instanceof FunctionExtension) {
    const given = expression.args.map((each) => evaluate(each, context));
    return FUNCTIONS[expression.name]?.(given, context.work);
  }
  return false;
}

function infix({ left, operator, right }: InstanceType<typeof InfixExpression>, context: Context): boolean {
  const value = (side: Expression) => evaluate(side, context);
  if (operator === "&&") return isTrue(value(left)) && isTrue(value(right));
  if (operator === "||") return isTrue(value(left)) || isTrue(value(right));
  const [a, b] = [single(value(left)), single(value(right))];
  const same = () => equal(a, b, context.work);
  switch (operator) {
    case "==":
      return same();
    case "!=":
      return !same();
    case "<":
      return less(a, b);
    case ">":
      return less(b, a);
    case "<=":
      return less(a, b) || same();
    case ">=":
      return less(b, a) || same();
    default:
      return false;
  }
}

/** A test: nodes are true when there are any. */
const isTrue = (value: unknown): boolean => (value instanceof Nodes ? value.values.length > 0 : value === true);

/** The value of exactly one node, else Nothing. */
const single = (value: unknown): unknown =>
  value instanceof Nodes ? (value.values.length === 1 ? value.values[0] : Nothing) : value;

function less(a: unknown, b: unknown): boolean {
  if (typeof a === "number" && typeof b === "number") return a < b;
  return typeof a === "string" && typeof b === "string" && a < b;
}

function equal(a: unknown, b: unknown, work: Work): boolean {
  work.spend(typeof a === "string" ? 1 + a.length / 64 : 1);
  if (a === b) return true;
  if (Array.isArray(a) && Array.isArray(b)) {
    return a.length === b.length && a.every((each, index) => equal(each, b[index], work));
  }
  if (!isObject(a) || !isObject(b)) return false;
  const keys = Object.keys(a);
  work.spend(keys.length);
  return (
    keys.length === Object.keys(b).length && keys.every((key) => Object.hasOwn(b, key) && equal(a[key], b[key], work))
  );
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

type Call = (given: readonly unknown[], work: Work) => unknown;

const FUNCTIONS: Readonly<Record<string, Call>> = {
  length: ([nodes], work) => {
    const value = single(nodes);
    if (typeof value === "string") {
      work.spend(value.length);
      return Array.from(value).length;
    }
    if (Array.isArray(value)) return value.length;
    return isObject(value) ? childrenOf(value, work).length : Nothing;
  },
  count: ([nodes]) => (nodes instanceof Nodes ? nodes.values.length : Nothing),
  value: ([nodes]) => single(nodes),
  match: ([text, pattern], work) => matches(single(text), single(pattern), work, (source) => `^(?:${source})$`),
  search: ([text, pattern], work) => matches(single(text), single(pattern), work, (source) => source),
};

/** In linear time; what is no pattern matches nothing, as section 2.4.6 of RFC 9535 wants it. */
function matches(text: unknown, pattern: unknown, work: Work, whole: (source: string) => string): boolean {
  if (typeof text !== "string" || typeof pattern !== "string" || pattern.length > MAX_PATTERN) return false;
  work.spend(pattern.length);
  const compiled = compilePattern(whole(withDots(pattern)));
  if (!compiled.ok) return false;
  work.spend(patternCost(compiled.pattern.instructions, text));
  return compiled.pattern.test(text);
}

const MAX_PATTERN = 1000;

/** A dot of RFC 9485 is any character but line feed and carriage return; that of RE2 takes the latter. */
function withDots(pattern: string): string {
  let inClass = false;
  return pattern.replace(/\\[\s\S]|[[\].]/g, (part) => {
    if (part === "[") inClass = true;
    if (part === "]") inClass = false;
    return part === "." && !inClass ? "[^\\n\\r]" : part;
  });
}
