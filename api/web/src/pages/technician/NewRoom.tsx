import { useState } from "preact/hooks";
import { useAction } from "../../api/action";
import { post } from "../../api/client";
import type { UnitRef } from "../../api/types";
import { useWords } from "../../i18n";
import { technician } from "../../i18n/vi/technician";
import { unitsOf, useMe } from "../../login";
import { Page } from "../../parts/page";
import { UnitPicker } from "../../parts/picker";
import { Failure } from "../../parts/show";
import { RoomForm, type ToldRoom } from "./RoomForm";

/** Registering a room as a connection point. */
export function NewRoom() {
  const w = useWords(technician);
  const me = useMe();
  const [unit, setUnit] = useState<UnitRef | null>(unitsOf(me, "technician", "staff")[0] ?? me?.person.unit ?? null);
  const action = useAction();

  const register = (told: ToldRoom) =>
    unit &&
    action.run(async () => {
      await post("/connection-points", { ...told, unit_id: unit.id });
      // Back to where the person came from: the list of rooms, or the conference that needed one more.
      history.back();
    });
  return (
    <Page title={w.newRoom.title} lead={w.newRoom.lead} back={{ to: "/phong-hop", text: w.rooms.title }} narrow>
      <Failure error={action.error} />
      <RoomForm
        keeper={me?.person ?? null}
        unitId={unit?.id}
        action={action}
        submit={w.newRoom.submit}
        onTold={(told) => void register(told)}
      >
        <UnitPicker label={w.newRoom.unit} wrong={action.fieldError("unit_id")} value={unit} onValue={setUnit} />
      </RoomForm>
    </Page>
  );
}
