/** How far the picture is enlarged, and which part of it stays where it was. */

export const MOST = 4;
const STEPS = [1, 2, MOST];

export const clamp = (scale: number): number => Math.max(1, Math.min(MOST, scale));

/** What the button and the key do: larger in steps, and from the largest back to the whole picture. */
export function nextStep(scale: number): number {
  return STEPS.find((step) => step > scale + 0.01) ?? 1;
}

/**
 * Where to scroll so that the point under the fingers stays under them.
 *
 * `scrolled` and `at` are pixels along one side: how far it was scrolled, and where the point lies within the frame.
 */
export function keepPoint(scrolled: number, at: number, before: number, after: number): number {
  return Math.max(0, ((scrolled + at) * after) / before - at);
}
