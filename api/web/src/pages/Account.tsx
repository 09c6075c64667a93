import { useState } from "preact/hooks";
import { useAction } from "../api/action";
import { post } from "../api/client";
import { recall } from "../device";
import { choose, language, useWords } from "../i18n";
import { gate } from "../i18n/vi/gate";
import { offline } from "../i18n/vi/offline";
import { wipeSeen } from "../kept/seen";
import { signOut, useMe } from "../login";
import { TextField } from "../parts/form";
import { Icon } from "../parts/icons";
import { Page } from "../parts/page";
import { Button, Failure, Notice } from "../parts/show";
import { go } from "../router";
import { useStore } from "../store";
import { outbox } from "../waiting";
import { Notices } from "./people/Notices";

export function Account() {
  const w = useWords(gate);
  const me = useMe();
  if (!me) return null;
  return (
    <Page title={w.account.title} narrow>
      <section class="card stack">
        <h2>{me.person.full_name}</h2>
        <dl class="facts">
          <dt>{w.account.username}</dt>
          <dd>{me.username}</dd>
          <dt>{w.unit}</dt>
          <dd>{me.person.unit.name}</dd>
          {me.roles.map((held) => (
            <>
              <dt>{w.roles[held.role]}</dt>
              <dd>{held.unit.name}</dd>
            </>
          ))}
        </dl>
        {me.roles.some((held) => held.role === "security") && (
          <a class="crumb" href="/su-viec">
            {w.incidents.title}
          </a>
        )}
        <a class="crumb" href="/lich">
          <Icon name="calendar" />
          {w.account.calendar}
        </a>
        <Leave />
      </section>
      <section class="card stack">
        <h2>{w.account.language}</h2>
        <div class="line">
          {(["vi", "en"] as const).map((one) => (
            <Button
              key={one}
              kind={language() === one ? "" : "second"}
              lang={one}
              aria-pressed={language() === one}
              onClick={() => void choose(one)}
            >
              {one === "vi" ? "Tiếng Việt" : "English"}
            </Button>
          ))}
        </div>
      </section>
      <Notices />
      <ChangePassword />
    </Page>
  );
}

const unsent = () => outbox.entries.get().filter((entry) => entry.refusal === null).length;

/** Leaving sends what waits first, and gives back what was kept here. What could not be sent is the person's to decide. */
function Leave() {
  const w = useWords(offline);
  const [stuck, setStuck] = useState(0);
  useStore(outbox.entries);
  const action = useAction();
  const leave = async () => {
    // The server is told that the packages are given back, so this comes before the sign-in ends.
    if (recall("kept")) await (await import("../kept/door")).dropAllBut(null);
    await signOut();
    await wipeSeen();
    go("/", true);
  };
  const tryToLeave = async () => {
    await outbox.deliver();
    setStuck(unsent());
    if (unsent() === 0) await leave();
  };
  if (stuck > 0) {
    return (
      <Notice tone="warn" icon="unlink">
        <h3>{w.leaving.title}</h3>
        <p>{w.leaving.undelivered(stuck)}</p>
        <div class="stack tight">
          <Button icon="retry" busy={action.busy} onClick={() => void action.run(tryToLeave)}>
            {w.leaving.again}
          </Button>
          <Button kind="second" icon="door" busy={action.busy} onClick={() => void action.run(leave)}>
            {w.leaving.anyway}
          </Button>
          <Button kind="plain" onClick={() => setStuck(0)}>
            {w.leaving.stay}
          </Button>
        </div>
      </Notice>
    );
  }
  return (
    <>
      {unsent() > 0 && <Notice tone="warn">{w.account.leaveWaiting(unsent())}</Notice>}
      <div>
        <Button kind="second" icon="door" busy={action.busy} onClick={() => void action.run(tryToLeave)}>
          {w.account.signOut}
        </Button>
      </div>
    </>
  );
}

function ChangePassword() {
  const w = useWords();
  const [current, setCurrent] = useState("");
  const [next, setNext] = useState("");
  const [done, setDone] = useState(false);
  const action = useAction();
  const onSubmit = async (event: Event) => {
    event.preventDefault();
    setDone(await action.run(() => post("/me/password", { current, new: next })));
  };
  return (
    <form noValidate class="card stack" onSubmit={(event) => void onSubmit(event)}>
      <h2>{w.account.changePassword}</h2>
      <Failure error={action.error} />
      {done && <Notice tone="good">{w.account.passwordChanged}</Notice>}
      <TextField
        label={w.account.currentPassword}
        type="password"
        autoComplete="current-password"
        required
        wrong={action.fieldError("current")}
        value={current}
        onValue={setCurrent}
      />
      <TextField
        label={w.account.newPassword}
        hint={w.account.newPasswordHint}
        type="password"
        autoComplete="new-password"
        minLength={10}
        required
        wrong={action.fieldError("new")}
        value={next}
        onValue={setNext}
      />
      <div>
        <Button type="submit" busy={action.busy}>
          {w.account.changePassword}
        </Button>
      </div>
    </form>
  );
}
