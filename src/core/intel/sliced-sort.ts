/** Numbers that are sorted in one go, and merge steps between two yields. */
const sliceSteps = 2048;

/**
 * Sorts 0 to `size` - 1 by a comparison, as a merge sort that yields after every few thousand steps, so that whoever runs
 * it can let other work have its turn.
 */
export function* sortedNumbers(
  size: number,
  compare: (a: number, b: number) => number,
): Generator<undefined, Uint32Array> {
  let from = new Uint32Array(size);
  for (let start = 0; start < size; start += sliceSteps) {
    for (let number = start; number < Math.min(start + sliceSteps, size); number += 1) from[number] = number;
    from.subarray(start, start + sliceSteps).sort(compare);
    yield;
  }
  let into = new Uint32Array(size);
  for (let width = sliceSteps; width < size; width *= 2) {
    for (let start = 0; start < size; start += 2 * width) {
      const middle = Math.min(start + width, size);
      yield* merge(from, into, { start, middle, end: Math.min(middle + width, size) }, compare);
    }
    [from, into] = [into, from];
  }
  return from;
}

function* merge(
  from: Uint32Array,
  into: Uint32Array,
  { start, middle, end }: { readonly start: number; readonly middle: number; readonly end: number },
  compare: (a: number, b: number) => number,
): Generator<undefined> {
  let left = start;
  let right = middle;
  for (let at = start; at < end; at += 1) {
    const [a = 0, b = 0] = [from[left], from[right]];
    const takesLeft = right >= end || (left < middle && compare(a, b) <= 0);
    into[at] = takesLeft ? a : b;
    if (takesLeft) left += 1;
    else right += 1;
    if (at % sliceSteps === 0) yield;
  }
}
