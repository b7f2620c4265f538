import type { Random } from '../../src/dev/traffic/random.ts';

/**
 * The partitions that a process is to claim now, by the greedy strategy of the SDK: what nobody owns first, then what
 * those have that own more than their share. `live` names the owner of each partition whose ownership holds.
 */
export function dueClaims(
  identifier: string,
  live: ReadonlyMap<string, string>,
  partitions: readonly string[],
  random: Random,
): readonly string[] {
  const owned = Map.groupBy(live.keys(), (id) => live.get(id) ?? '');
  if (!owned.has(identifier)) owned.set(identifier, []);
  const share = Math.floor(partitions.length / owned.size);
  const extras = partitions.length % owned.size;
  const richer = [...owned].filter(([owner, ids]) => owner !== identifier && ids.length > share).length;
  const due = share + (richer < extras ? 1 : 0);
  const mine = owned.get(identifier)?.length ?? 0;
  const free = partitions.filter((id) => !live.has(id));
  const claims = drawn(free, Math.max(0, due - mine), random);
  const rich = [...owned].filter(([owner]) => owner !== identifier).sort((a, b) => b[1].length - a[1].length);
  rich.forEach(([, ids], rank) => {
    const spare = ids.length - share - (rank < extras ? 1 : 0);
    claims.push(...drawn(ids, Math.max(0, Math.min(spare, due - mine - claims.length)), random));
  });
  return claims;
}

function drawn(from: readonly string[], count: number, random: Random): string[] {
  const left = [...from];
  const taken: string[] = [];
  while (taken.length < count && left.length > 0) taken.push(...left.splice(random.between(0, left.length - 1), 1));
  return taken;
}
