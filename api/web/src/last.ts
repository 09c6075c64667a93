/** The last of a list. `Array.at` is missing from the phones of 2020 that are still in use. */
export function last<T>(list: readonly T[]): T | undefined {
  return list[list.length - 1];
}
