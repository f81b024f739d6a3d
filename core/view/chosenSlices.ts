/** The chosen slice nearest after (or, backwards, before) a slice; the same slice when there is none. */
export function nextChosen(chosen: readonly number[], slice: number, direction: 1 | -1): number {
  const ahead = chosen.filter((one) => (one - slice) * direction > 0);
  if (ahead.length === 0) return slice;
  return direction > 0 ? Math.min(...ahead) : Math.max(...ahead);
}

/** Every slice that one of the lists holds, ascending, each once. */
export function unionOf(lists: readonly (readonly number[])[]): number[] {
  return [...new Set(lists.flat())].sort((a, b) => a - b);
}
