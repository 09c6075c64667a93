/** The one door to what watching without a link needs. It is a piece of code of its own, loaded by those who use it. */

export { stoppedAt } from "./journal";
export { KeepOnPhone } from "./KeepOnPhone";
export { dropAllBut, isExpired, isWhole, load, packages, playedFrom, viewingOf } from "./packages";
export { seal } from "./seal";
export { lookAfter } from "./upkeep";
