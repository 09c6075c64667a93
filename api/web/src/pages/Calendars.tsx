import { useState } from "preact/hooks";
import { useAction } from "../api/action";
import { post } from "../api/client";
import { useResource } from "../api/resource";
import { formatMoment } from "../format";
import { useWords } from "../i18n";
import { before } from "../i18n/vi/before";
import { unitsOf, useMe } from "../login";
import { TextField } from "../parts/form";
import { Page } from "../parts/page";
import { Button, Failure, Ghosts, Notice, Show } from "../parts/show";

/** The secret addresses of one's own calendar and those of the units one serves. */
export function Calendars() {
  const w = useWords(before);
  const me = useMe();
  if (!me) return null;
  const units = new Map(unitsOf(me, "technician", "staff", "administrator").map((unit) => [unit.id, unit.name]));
  return (
    <Page title={w.calendar.title} lead={w.calendar.lead} back={{ to: "/tai-khoan", text: w.account.title }} narrow>
      <Feed path="/me/calendar" title={w.calendar.mine} />
      {[...units].map(([id, name]) => (
        <Feed key={id} path={`/units/${id}/calendar`} title={w.calendar.ofUnit(name)} />
      ))}
    </Page>
  );
}

function Feed({ path, title }: { path: "/me/calendar" | `/units/${string}/calendar`; title: string }) {
  const w = useWords(before);
  const feed = useResource(path as "/me/calendar");
  const action = useAction();
  const [copied, setCopied] = useState(false);
  const renew = () =>
    action.run(async () => {
      if (feed.data?.address && !confirm(w.calendar.renewSure)) return;
      feed.replace(await post(path as "/me/calendar"));
      setCopied(false);
    });
  const copy = (address: string) =>
    action.run(async () => {
      await navigator.clipboard.writeText(address);
      setCopied(true);
    });
  return (
    <section class="card stack">
      <h2>{title}</h2>
      <Failure error={action.error} />
      <Show of={feed} ghosts={<Ghosts count={1} height={140} />}>
        {({ address, made_at }) =>
          address && made_at ? (
            <>
              <TextField
                label={w.calendar.address}
                hint={w.calendar.secret}
                value={address}
                onValue={() => undefined}
              />
              {copied && <Notice tone="good">{w.calendar.copied}</Notice>}
              <div class="line">
                <Button icon="check" busy={action.busy} onClick={() => void copy(address)}>
                  {w.calendar.copy}
                </Button>
                <a class="button second" href={address.replace(/^https?:/, "webcal:")} target="_blank" rel="noreferrer">
                  {w.calendar.open}
                </a>
                <Button kind="plain" icon="retry" busy={action.busy} onClick={() => void renew()}>
                  {w.calendar.renew}
                </Button>
              </div>
              <p class="quiet small">{w.calendar.madeAt(formatMoment(made_at))}</p>
            </>
          ) : (
            <div>
              <Button icon="calendar" busy={action.busy} onClick={() => void renew()}>
                {w.calendar.make}
              </Button>
            </div>
          )
        }
      </Show>
    </section>
  );
}
