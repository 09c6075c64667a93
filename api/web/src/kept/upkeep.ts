/** What is done about the packages on this device whenever there may be a link. */

import { account } from "../login";
import { start } from "./fetching";
import { contact, dropAllBut, isWhole, packages } from "./packages";

/** Empties what was withdrawn or is another person's, renews what runs out soon, goes on fetching what was cut off. */
export async function lookAfter(): Promise<void> {
  await dropAllBut(account());
  await contact();
  for (const kept of packages.get()) {
    if (!isWhole(kept) && !kept.paused) void start(kept);
  }
}
