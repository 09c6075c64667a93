/** Which page an address shows. Every desk's pages are fetched when they are first opened, never before. */

import type { ComponentType } from "preact";
import { useEffect, useState } from "preact/hooks";
import { useWords } from "./i18n";
import { homeOf, refreshMe, useDesk, useMe } from "./login";
import { NotFound } from "./pages/NotFound";
import { SignIn } from "./pages/SignIn";
import { Frame } from "./parts/frame";
import { Page } from "./parts/page";
import { Failure, Ghosts } from "./parts/show";
import { go, match, useAddress, useLinks } from "./router";
import { outbox } from "./waiting";

/** A page gets the pieces of its address by name. */
export interface PageProps {
  id: string;
  person: string;
}
type AnyPage = ComponentType<PageProps>;
type Load = () => Promise<AnyPage>;

const ROUTES: [pattern: string, load: Load][] = [
  ["/ky-thuat", () => import("./pages/technician/Today").then((m) => m.Today)],
  ["/hoi-nghi", () => import("./pages/technician/Conferences").then((m) => m.Conferences)],
  ["/hoi-nghi/moi", () => import("./pages/technician/NewConference").then((m) => m.NewConference)],
  ["/hoi-nghi/:id", () => import("./pages/technician/Conference").then((m) => m.Conference)],
  ["/hoi-nghi/:id/them-diem-cau", () => import("./pages/technician/AddPoints").then((m) => m.AddPoints)],
  ["/hoi-nghi/:id/tai-len", () => import("./pages/technician/Upload").then((m) => m.Upload)],
  ["/diem-cau/:id", () => import("./pages/technician/Point").then((m) => m.Point)],
  ["/diem-cau/:id/so-dai-bieu", () => import("./pages/technician/Count").then((m) => m.Count)],
  ["/diem-cau/:id/diem-danh", () => import("./pages/technician/Roster").then((m) => m.Roster)],
  ["/phong-hop", () => import("./pages/technician/Rooms").then((m) => m.Rooms)],
  ["/phong-hop/moi", () => import("./pages/technician/NewRoom").then((m) => m.NewRoom)],
  ["/xem-chung", () => import("./pages/group/Rooms").then((m) => m.GroupRooms)],
  ["/vao-phong", () => import("./pages/group/Enter").then((m) => m.Enter)],
  ["/xem-lai", () => import("./pages/member/Missed").then((m) => m.Missed)],
  ["/xem-lai/:id", () => import("./pages/member/Replay").then((m) => m.Replay)],
  ["/cong-nhan", () => import("./pages/member/Credits").then((m) => m.Credits)],
  ["/can-bo", () => import("./pages/staff/Conferences").then((m) => m.StaffConferences)],
  ["/can-bo/:id", () => import("./pages/staff/Participation").then((m) => m.ParticipationPage)],
  ["/can-bo/:id/danh-sach", () => import("./pages/staff/People").then((m) => m.CreditPeople)],
  ["/can-bo/:id/nguoi/:person", () => import("./pages/staff/EvidencePage").then((m) => m.EvidencePage)],
  ["/can-bo/:id/trieu-tap", () => import("./pages/staff/Summons").then((m) => m.Summons)],
  ["/xem-xet", () => import("./pages/staff/ReviewQueue").then((m) => m.ReviewQueue)],
  ["/phat-hanh", () => import("./pages/staff/Release").then((m) => m.Release)],
  ["/phat-hanh/:id", () => import("./pages/staff/Inspect").then((m) => m.Inspect)],
  ["/su-viec", () => import("./pages/staff/Incidents").then((m) => m.Incidents)],
  ["/ban-ghi/:id/dong-thoi-gian", () => import("./pages/staff/Timeline").then((m) => m.Timeline)],
  ["/hang-doi", () => import("./pages/Queue").then((m) => m.Queue)],
  ["/quan-tri", () => import("./pages/administration/System").then((m) => m.SystemPage)],
  ["/quan-tri/quy-tac", () => import("./pages/administration/Rules").then((m) => m.Rules)],
  ["/quan-tri/don-vi", () => import("./pages/administration/Units").then((m) => m.Units)],
  ["/quan-tri/nguoi", () => import("./pages/administration/People").then((m) => m.People)],
  ["/quan-tri/nhat-ky", () => import("./pages/administration/Audit").then((m) => m.Audit)],
  ["/cho-gui", () => import("./pages/Waiting").then((m) => m.Waiting)],
  ["/tai-khoan", () => import("./pages/Account").then((m) => m.Account)],
];

export function App() {
  useLinks();
  const me = useMe();
  const owner = me?.person.id;
  useEffect(() => {
    // Roles may have changed since the last visit; without a link the remembered ones do.
    if (owner) void refreshMe().catch(() => undefined);
    void outbox.load().then(() => outbox.deliver());
  }, [owner]);
  return <Frame>{me ? <Routed /> : <SignIn />}</Frame>;
}

function Routed() {
  const { path } = useAddress();
  const home = homeOf[useDesk()];
  const atDoor = path === "/" || path === "/dang-nhap";
  useEffect(() => {
    if (atDoor) go(home, true);
  }, [atDoor, home]);
  if (atDoor) return null;
  for (const [pattern, load] of ROUTES) {
    const found = match(pattern, path);
    if (found) return <Loaded key={path} load={load} given={{ id: found.id ?? "", person: found.person ?? "" }} />;
  }
  return <NotFound />;
}

const loaded = new Map<Load, AnyPage>();

function Loaded({ load, given }: { load: Load; given: PageProps }) {
  const w = useWords();
  const [error, setError] = useState<unknown>(null);
  const [, redraw] = useState(0);
  const Found = loaded.get(load);
  const fetchPage = () =>
    load().then(
      (page) => {
        loaded.set(load, page);
        redraw((n) => n + 1);
      },
      (failure: unknown) => setError(failure),
    );
  useEffect(() => {
    if (!Found) void fetchPage();
  }, [load]);
  if (Found) return <Found {...given} />;
  if (!error) {
    return (
      <main id="noi-dung">
        <Ghosts />
      </main>
    );
  }
  // The page's code did not arrive: a lost link, or a new version is out and the old pieces are gone.
  return (
    <Page title={w.pageNotLoaded}>
      <Failure error={error} retry={() => location.reload()} />
    </Page>
  );
}
