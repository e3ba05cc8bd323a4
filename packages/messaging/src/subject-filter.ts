/**
 * A test for subjects: `*` stands for one part, a last `>` for one or more. Without wildcards it is equality.
 */
export function subjectFilter(filter: string): (subject: string) => boolean {
  if (filter === ">") return () => true;
  const parts = filter.split(".");
  const open = parts.at(-1) === ">";
  if (open) parts.pop();
  if (!open && !parts.includes("*")) return (subject) => subject === filter;
  return (subject) => {
    const given = subject.split(".");
    if (open ? given.length <= parts.length : given.length !== parts.length) return false;
    return parts.every((part, i) => part === "*" || part === given[i]);
  };
}

/** True when some subject passes both filters. */
export function filtersOverlap(one: string, other: string): boolean {
  const a = one.split(".");
  const b = other.split(".");
  for (let i = 0; i < Math.max(a.length, b.length); i += 1) {
    const [x, y] = [a[i], b[i]];
    if (x === undefined || y === undefined) return false;
    if (x === ">" || y === ">") return true;
    if (x !== y && x !== "*" && y !== "*") return false;
  }
  return true;
}

/** A subject to publish on: parts without wildcards, spaces or nothing in them. */
export function isPublishable(subject: string): boolean {
  return /^[^\s.*>]+(\.[^\s.*>]+)*$/.test(subject);
}
