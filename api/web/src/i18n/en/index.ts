import type { GroupName } from "../group";
import { administration } from "./administration";
import { common } from "./common";
import { gate } from "./gate";
import { jobs } from "./jobs";
import { member } from "./member";
import { offline } from "./offline";
import { player } from "./player";
import { review } from "./review";
import { room } from "./room";
import { staff } from "./staff";
import { technician } from "./technician";
import { timeline } from "./timeline";
import { uploads } from "./uploads";

/** Every group has exactly the words of the Vietnamese one; the compiler sees to it. */
export const english = {
  common,
  technician,
  uploads,
  member,
  player,
  staff,
  review,
  jobs,
  gate,
  timeline,
  offline,
  room,
  administration,
} satisfies Record<GroupName, object>;
export type English = typeof english;
