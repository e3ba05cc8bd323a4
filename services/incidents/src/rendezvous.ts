import { hash } from "node:crypto";
import { PARTITIONS } from "@sentinel/contracts";

/**
 * The partitions of one member: each belongs to the member with the highest hash of both names, so all members agree
 * without asking each other, and a member that comes or goes moves only its own.
 */
export function partitionsOf(member: string, members: readonly string[]): readonly number[] {
  const all = [...new Set([...members, member])].toSorted();
  return Array.from({ length: PARTITIONS }, (_, part) => part).filter((part) => ownerOf(part, all) === member);
}

function ownerOf(part: number, members: readonly string[]): string {
  let best = { weight: -1, member: "" };
  for (const member of members) {
    const weight = hash("sha256", `${part}/${member}`, "buffer").readUInt32BE(0);
    if (weight > best.weight) best = { weight, member };
  }
  return best.member;
}
