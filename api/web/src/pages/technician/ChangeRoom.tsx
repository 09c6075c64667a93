import { useState } from "preact/hooks";
import { useAction } from "../../api/action";
import { Problem, post, put } from "../../api/client";
import { useResource } from "../../api/resource";
import type { ConnectionPointDetail } from "../../api/types";
import type { PageProps } from "../../app";
import { formatMoment } from "../../format";
import { useWords } from "../../i18n";
import { register } from "../../i18n/vi/register";
import { technician } from "../../i18n/vi/technician";
import { Page } from "../../parts/page";
import { Button, Failure, Ghosts, Notice, Show } from "../../parts/show";
import { RoomForm, type ToldRoom } from "./RoomForm";

/** A room as it is registered: changed, taken out of use, or brought back. */
export function ChangeRoom({ id }: PageProps) {
  const w = useWords(technician, register);
  const room = useResource(`/connection-points/${id}`);
  const [saved, setSaved] = useState(false);
  const show = (next: ConnectionPointDetail, isSaved = false) => {
    room.replace(next);
    setSaved(isSaved);
    scrollTo(0, 0);
  };
  return (
    <Page
      title={w.change.title}
      lead={room.data?.name ?? (room.error ? undefined : null)}
      back={{ to: "/phong-hop", text: w.rooms.title }}
      narrow
    >
      <Show of={room} ghosts={<Ghosts count={8} height={78} />}>
        {(data) =>
          data.retired_at ? (
            <OutOfUse room={data} since={data.retired_at} onChanged={show} />
          ) : (
            <>
              {saved && <Notice tone="good">{w.change.saved}</Notice>}
              {/* What was typed gives way to what is registered as soon as that is another. */}
              <Editor key={data.version} room={data} onSaved={(next) => show(next, true)} onReload={room.reload} />
              <Retiring room={data} onChanged={show} />
            </>
          )
        }
      </Show>
    </Page>
  );
}

function Editor({
  room,
  onSaved,
  onReload,
}: {
  room: ConnectionPointDetail;
  onSaved: (room: ConnectionPointDetail) => void;
  onReload: () => void;
}) {
  const w = useWords(technician, register);
  const action = useAction();
  const save = (told: ToldRoom) =>
    action.run(async () => onSaved(await put(`/connection-points/${room.id}`, { ...told, version: room.version })));
  const outdated = action.error instanceof Problem && action.error.code === "point-changed-meanwhile";
  return (
    <>
      <RoomForm
        room={room}
        keeper={room.technician}
        keeperHint={w.change.technicianHint}
        unitId={room.unit.id}
        action={action}
        submit={w.change.submit}
        onTold={(told) => void save(told)}
      >
        <p class="quiet">
          {w.newRoom.unit}: {room.unit.name}
        </p>
      </RoomForm>
      {/* Below the long form, where the button was pressed. */}
      <Failure error={action.error} />
      {outdated && (
        <div>
          <Button kind="second" icon="retry" onClick={onReload}>
            {w.change.seeNew}
          </Button>
        </div>
      )}
    </>
  );
}

function Retiring({
  room,
  onChanged,
}: {
  room: ConnectionPointDetail;
  onChanged: (room: ConnectionPointDetail) => void;
}) {
  const w = useWords(register);
  const action = useAction();
  const retire = () => {
    if (!confirm(w.retire.sure(room.name))) return;
    void action.run(async () => onChanged(await post(`/connection-points/${room.id}/retire`)));
  };
  return (
    <section class="card stack">
      <h2>{w.retire.title}</h2>
      <p>{w.retire.lead}</p>
      <Failure error={action.error} />
      <div>
        <Button kind="danger" icon="cross" busy={action.busy} onClick={retire}>
          {w.retire.submit}
        </Button>
      </div>
    </section>
  );
}

function OutOfUse({
  room,
  since,
  onChanged,
}: {
  room: ConnectionPointDetail;
  since: string;
  onChanged: (room: ConnectionPointDetail) => void;
}) {
  const w = useWords(technician, register);
  const action = useAction();
  const bringBack = () => action.run(async () => onChanged(await post(`/connection-points/${room.id}/bring-back`)));
  return (
    <>
      <Notice tone="warn" icon="info">
        {w.retire.since(formatMoment(since))}
      </Notice>
      <dl class="facts">
        <dt>{w.newRoom.unit}</dt>
        <dd>{room.unit.name}</dd>
        <dt>{w.newRoom.address}</dt>
        <dd>{room.address}</dd>
      </dl>
      <Failure error={action.error} />
      <Button kind="big" icon="retry" busy={action.busy} onClick={() => void bringBack()}>
        {w.retire.bringBack}
      </Button>
    </>
  );
}
