/** Header, desks and the few places of a desk. On a phone the places are a bar at the thumb. */

import type { ComponentChildren, ComponentType } from "preact";
import { useEffect, useState } from "preact/hooks";
import { choose, language, useWords, type Words } from "../i18n";
import { chooseDesk, type Desk, desksOf, homeOf, useDesk, useMe } from "../login";
import { go, NavLink } from "../router";
import { useStore } from "../store";
import { outbox } from "../waiting";
import { Icon, type IconName, Logo } from "./icons";

interface Place {
  to: string;
  text: (w: Words) => string;
  icon: IconName;
  exact?: boolean;
  /** How much waits there, fetched once the page stands. */
  badge?: () => Promise<ComponentType>;
}

const PLACES: Record<Desk, Place[]> = {
  technician: [
    { to: "/ky-thuat", text: (w) => w.nav.today, icon: "home" },
    { to: "/hoi-nghi", text: (w) => w.nav.conferences, icon: "calendar" },
    { to: "/phong-hop", text: (w) => w.nav.rooms, icon: "room" },
    { to: "/hang-doi", text: (w) => w.nav.queue, icon: "clock" },
  ],
  member: [
    { to: "/xem-lai", text: (w) => w.nav.missed, icon: "play" },
    { to: "/vao-phong", text: (w) => w.nav.enter, icon: "door" },
    { to: "/cong-nhan", text: (w) => w.nav.credits, icon: "award" },
  ],
  staff: [
    { to: "/can-bo", text: (w) => w.nav.participation, icon: "chart" },
    { to: "/hoi-nghi", text: (w) => w.nav.conferences, icon: "calendar" },
    {
      to: "/xem-xet",
      text: (w) => w.nav.reviews,
      icon: "search",
      badge: () => import("../pages/staff/ReviewBadge").then((m) => m.ReviewBadge),
    },
    { to: "/phat-hanh", text: (w) => w.nav.release, icon: "release" },
    { to: "/hang-doi", text: (w) => w.nav.queue, icon: "clock" },
  ],
  administrator: [
    { to: "/quan-tri", text: (w) => w.nav.system, icon: "gauge", exact: true },
    { to: "/hang-doi", text: (w) => w.nav.queue, icon: "clock" },
    { to: "/quan-tri/don-vi", text: (w) => w.nav.units, icon: "tree" },
    { to: "/quan-tri/nguoi", text: (w) => w.nav.people, icon: "people" },
    { to: "/quan-tri/nhat-ky", text: (w) => w.nav.audit, icon: "log" },
  ],
};

export function Frame({ children }: { children: ComponentChildren }) {
  const w = useWords();
  const me = useMe();
  // On a phone the header holds either the product's name or the switch between desks.
  const several = me !== null && desksOf(me).length > 1;
  return (
    <>
      <a class="skip" href="#noi-dung">
        {w.skip}
      </a>
      <header class="top">
        <div class="top-row">
          <a class="name" href="/" aria-label={w.product}>
            <Logo />
            <span class={several ? "wide-only" : ""}>{w.product}</span>
          </a>
          {me && <Waiting />}
          {me && <DeskSwitch />}
          <LanguageSwitch signedIn={Boolean(me)} />
          {me && (
            <a class="who" href="/tai-khoan" aria-label={`${w.account.short}: ${me.person.full_name}`}>
              <Icon name="person" />
              <span class="wide-only">{me.person.full_name}</span>
              <span class="phone-only">{w.account.short}</span>
            </a>
          )}
        </div>
      </header>
      {me && <Places />}
      {children}
    </>
  );
}

function Places() {
  const w = useWords();
  const desk = useDesk();
  return (
    <nav class="nav" aria-label={w.nav.title}>
      <ul>
        {PLACES[desk].map((place) => (
          <li key={place.to}>
            <NavLink to={place.to} exact={place.exact}>
              <Icon name={place.icon} />
              {place.text(w)}
              {place.badge && <Badge load={place.badge} />}
            </NavLink>
          </li>
        ))}
      </ul>
    </nav>
  );
}

function Badge({ load }: { load: () => Promise<ComponentType> }) {
  const [Found, show] = useState<ComponentType | null>(null);
  useEffect(() => {
    // Without it the place still leads where it says.
    void load().then(
      (found) => show(() => found),
      () => undefined,
    );
  }, []);
  return Found && <Found />;
}

function DeskSwitch() {
  const w = useWords();
  const me = useMe();
  const desk = useDesk();
  const desks = me ? desksOf(me) : [];
  if (desks.length < 2) return null;
  return (
    <label>
      <span class="unseen">{w.nav.desk}</span>
      <select
        value={desk}
        onChange={(event) => {
          const next = event.currentTarget.value as Desk;
          chooseDesk(next);
          go(homeOf[next]);
        }}
      >
        {desks.map((one) => (
          <option key={one} value={one}>
            {w.desks[one]}
          </option>
        ))}
      </select>
    </label>
  );
}

/** On a phone the switch moves to the account page once someone is signed in: the header has no room for everything. */
function LanguageSwitch({ signedIn }: { signedIn: boolean }) {
  const w = useWords();
  const other = language() === "vi" ? "en" : "vi";
  return (
    <button
      type="button"
      class={signedIn ? "wide-only" : ""}
      lang={other}
      onClick={() => void choose(other)}
      aria-label={w.otherLanguageName}
    >
      <Icon name="globe" />
      {w.otherLanguage}
    </button>
  );
}

/** How much this device still has to send. Nothing waiting, nothing shown. */
function Waiting() {
  const w = useWords();
  const entries = useStore(outbox.entries);
  // An open player always has a beat or two on their way: that is not news.
  const count = entries.filter((entry) => entry.kind !== "beat" || entry.refusal !== null).length;
  const linked = useStore(outbox.linked);
  if (count === 0 && (linked || entries.length === 0)) return null;
  return (
    <a href="/cho-gui" aria-label={w.outbox.waiting(entries.length)}>
      <Icon name={linked ? "tray" : "unlink"} />
      <span class="wide-only">{w.outbox.short(entries.length)}</span>
      <span class="phone-only">{entries.length}</span>
    </a>
  );
}
