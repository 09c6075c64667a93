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
export type Load = () => Promise<AnyPage>;
export type Routes = [pattern: string, load: Load][];

/** The homes of the desks; all other pages are named in `routes.ts`, which comes when one of them is opened. */
const HOMES: Routes = [
  ["/ky-thuat", () => import("./pages/technician/Today").then((m) => m.Today)],
  ["/xem-lai", () => import("./pages/member/Missed").then((m) => m.Missed)],
  ["/can-bo", () => import("./pages/staff/Conferences").then((m) => m.StaffConferences)],
  ["/quan-tri", () => import("./pages/administration/System").then((m) => m.SystemPage)],
];

const NOTHING: PageProps = { id: "", person: "" };
/** The one page for those who cannot sign in yet. */
const loadActivation: Load = () => import("./pages/people/Activate").then((m) => m.Activate);

export function App() {
  useLinks();
  const me = useMe();
  const owner = me?.person.id;
  useEffect(() => {
    // Roles may have changed since the last visit; without a link the remembered ones do.
    if (owner) void refreshMe().catch(() => undefined);
    void outbox.load().then(() => outbox.deliver());
  }, [owner]);
  const invited = useAddress().path === "/kich-hoat";
  return <Frame>{invited ? <Loaded load={loadActivation} given={NOTHING} /> : me ? <Routed /> : <SignIn />}</Frame>;
}

function Routed() {
  const { path } = useAddress();
  const home = homeOf[useDesk()];
  const atDoor = path === "/" || path === "/dang-nhap";
  useEffect(() => {
    if (atDoor) go(home, true);
  }, [atDoor, home]);
  if (atDoor) return null;
  return opened(HOMES, path) ?? <Loaded key={path} load={loadOther} given={NOTHING} />;
}

/** The page of this address, if one of these routes leads to it. */
function opened(routes: Routes, path: string) {
  for (const [pattern, load] of routes) {
    const found = match(pattern, path);
    if (found) return <Loaded key={path} load={load} given={{ id: found.id ?? "", person: found.person ?? "" }} />;
  }
  return null;
}

const loadOther: Load = () =>
  import("./routes").then(
    ({ routes }) =>
      () =>
        opened(routes, useAddress().path) ?? <NotFound />,
  );

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
