import type { GroupName } from "../group";
import { administration } from "./administration";
import { before } from "./before";
import { board } from "./board";
import { calledOff } from "./calledOff";
import { common } from "./common";
import { counts } from "./counts";
import { documents } from "./documents";
import { doors } from "./doors";
import { exemptions } from "./exemptions";
import { gate } from "./gate";
import { jobs } from "./jobs";
import { meetings } from "./meetings";
import { member } from "./member";
import { offline } from "./offline";
import { people } from "./people";
import { player } from "./player";
import { pointLists } from "./pointLists";
import { register } from "./register";
import { review } from "./review";
import { room } from "./room";
import { staff } from "./staff";
import { technician } from "./technician";
import { timeline } from "./timeline";
import { turnout } from "./turnout";
import { unitTree } from "./units";
import { uploads } from "./uploads";

/** Every group has exactly the words of the Vietnamese one; the compiler sees to it. */
export const english = {
  common,
  board,
  technician,
  uploads,
  member,
  player,
  pointLists,
  register,
  counts,
  staff,
  review,
  jobs,
  meetings,
  gate,
  timeline,
  unitTree,
  offline,
  room,
  doors,
  documents,
  administration,
  before,
  people,
  calledOff,
  turnout,
  exemptions,
} satisfies Record<GroupName, object>;
export type English = typeof english;
