/** What sending counts and their pictures takes, in one piece that is fetched when there are some to send. */
export { stamped } from "./clock";
export { send } from "./photos";
