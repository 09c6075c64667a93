import { useState } from "preact/hooks";
import { useResource } from "../../api/resource";
import { formatNumber } from "../../format";
import { useWords } from "../../i18n";
import { counts } from "../../i18n/vi/counts";
import { pointLists } from "../../i18n/vi/pointLists";
import { register } from "../../i18n/vi/register";
import { technician } from "../../i18n/vi/technician";
import { Choice, TextField } from "../../parts/form";
import { Icon } from "../../parts/icons";
import { More } from "../../parts/more";
import { Page } from "../../parts/page";
import { useSettled } from "../../parts/settled";
import { Empty, Show } from "../../parts/show";
import "./technician.css";

/** The rooms registered as connection points: described once, used for many conferences. */
export function Rooms() {
  const w = useWords(technician, pointLists);
  const { handover, ...uses } = useWords(counts, register);
  const [typed, setTyped] = useState("");
  const [use, setUse] = useState<"inUse" | "retired">("inUse");
  const [limit, setLimit] = useState(50);
  const retired = use === "retired";
  const rooms = useResource("/connection-points", {
    query: { q: useSettled(typed), limit, retired: retired || null },
    keep: true,
  });
  return (
    <Page title={w.rooms.title} lead={w.rooms.lead}>
      <div class="line apart">
        <TextField type="search" label={w.rooms.find} value={typed} onValue={setTyped} />
        <a class="button second" href="/xem-chung">
          <Icon name="people" />
          {w.rooms.together}
        </a>
        <a class="button second" href="/nhan-diem-cau">
          <Icon name="phone" />
          {handover.take}
        </a>
        <a class="button" href="/phong-hop/moi">
          <Icon name="plus" />
          {w.rooms.register}
        </a>
      </div>
      <Choice
        across
        label={uses.which}
        value={use}
        onValue={setUse}
        options={[
          { value: "inUse", text: uses.inUse },
          { value: "retired", text: uses.retired },
        ]}
      />
      <Show of={rooms}>
        {({ items, total }) =>
          items.length === 0 ? (
            <Empty title={typed ? w.nothingFound : retired ? uses.noneRetired : w.rooms.none}>
              {!retired && <p class="quiet">{w.rooms.noneHint}</p>}
            </Empty>
          ) : (
            <>
              <ul class="cards">
                {items.map((room) => (
                  <li key={room.id}>
                    <a class="card stack tight room-card" href={`/phong-hop/${room.id}`}>
                      <h2>{room.name}</h2>
                      <p class="quiet">
                        {room.unit.name} · {room.address}
                      </p>
                      <p>
                        {[
                          room.seats !== null && w.rooms.seatCount(formatNumber(room.seats)),
                          room.line,
                          room.measured_mbits !== null && w.reached.speed(formatNumber(room.measured_mbits)),
                          room.backup_line && w.reached.backupLine(room.backup_line),
                          room.video_address,
                          room.equipment,
                        ]
                          .filter(Boolean)
                          .join(" · ")}
                      </p>
                      {room.phone && (
                        <p class="with-icon small">
                          <Icon name="phone" />
                          {room.phone}
                        </p>
                      )}
                      {room.technician && (
                        <p class="with-icon small">
                          <Icon name="person" />
                          {room.technician.full_name}
                        </p>
                      )}
                    </a>
                  </li>
                ))}
              </ul>
              <More shown={items.length} total={total} onMore={() => setLimit(limit + 100)} />
            </>
          )
        }
      </Show>
    </Page>
  );
}
