/** What is done about the packages on this device whenever there may be a link. */

import { start } from "./fetching";
import { contact, isWhole, packages } from "./packages";

/** Empties what was withdrawn, renews what runs out soon, and goes on fetching what was cut off. */
export async function lookAfter(): Promise<void> {
  await contact();
  for (const kept of packages.get()) {
    if (!isWhole(kept) && !kept.paused) void start(kept);
  }
}
