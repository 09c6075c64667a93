import { useState } from "preact/hooks";
import { useAction } from "../../api/action";
import { post } from "../../api/client";
import type { PersonRef, UnitRef } from "../../api/types";
import { useWords } from "../../i18n";
import { pointLists } from "../../i18n/vi/pointLists";
import { technician } from "../../i18n/vi/technician";
import { unitsOf, useMe } from "../../login";
import { TextField } from "../../parts/form";
import { Page } from "../../parts/page";
import { PersonPicker, UnitPicker } from "../../parts/picker";
import { Button, Failure } from "../../parts/show";

/** Registering a room as a connection point. */
export function NewRoom() {
  const w = useWords(technician, pointLists);
  const me = useMe();
  const [unit, setUnit] = useState<UnitRef | null>(unitsOf(me, "technician", "staff")[0] ?? me?.person.unit ?? null);
  const [keeper, setKeeper] = useState<PersonRef | null>(me?.person ?? null);
  const [name, setName] = useState("");
  const [address, setAddress] = useState("");
  const [seats, setSeats] = useState("");
  const [equipment, setEquipment] = useState("");
  const [line, setLine] = useState("");
  const [measured, setMeasured] = useState("");
  const [backup, setBackup] = useState("");
  const [video, setVideo] = useState("");
  const [phone, setPhone] = useState("");
  const action = useAction();

  const onSubmit = (event: Event) => {
    event.preventDefault();
    if (!unit) return;
    void action.run(async () => {
      await post("/connection-points", {
        unit_id: unit.id,
        name: name.trim(),
        address: address.trim(),
        seats: seats === "" ? null : Number(seats),
        equipment: equipment.trim(),
        line: line.trim(),
        measured_mbits: measured === "" ? null : Number(measured),
        backup_line: backup.trim(),
        video_address: video.trim(),
        phone: phone.trim(),
        technician_id: keeper?.id ?? null,
      });
      // Back to where the person came from: the list of rooms, or the conference that needed one more.
      history.back();
    });
  };
  return (
    <Page title={w.newRoom.title} lead={w.newRoom.lead} back={{ to: "/phong-hop", text: w.rooms.title }} narrow>
      <form noValidate class="stack" onSubmit={onSubmit}>
        <Failure error={action.error} />
        <TextField
          label={w.newRoom.name}
          hint={w.newRoom.nameHint}
          required
          maxLength={200}
          wrong={action.fieldError("name")}
          value={name}
          onValue={setName}
        />
        <UnitPicker label={w.newRoom.unit} wrong={action.fieldError("unit_id")} value={unit} onValue={setUnit} />
        <TextField
          label={w.newRoom.address}
          required
          maxLength={300}
          wrong={action.fieldError("address")}
          value={address}
          onValue={setAddress}
        />
        <TextField
          label={w.newRoom.seats}
          hint={w.newRoom.seatsHint}
          type="number"
          inputMode="numeric"
          min={1}
          max={100000}
          short
          wrong={action.fieldError("seats")}
          value={seats}
          onValue={setSeats}
        />
        <TextField
          label={w.newRoom.line}
          hint={w.newRoom.lineHint}
          maxLength={200}
          wrong={action.fieldError("line")}
          value={line}
          onValue={setLine}
        />
        <TextField
          label={w.reached.measured}
          type="number"
          inputMode="numeric"
          min={0}
          max={100000}
          short
          wrong={action.fieldError("measured_mbits")}
          value={measured}
          onValue={setMeasured}
        />
        <TextField
          label={w.reached.backup}
          hint={w.reached.backupHint}
          maxLength={200}
          wrong={action.fieldError("backup_line")}
          value={backup}
          onValue={setBackup}
        />
        <TextField
          label={w.reached.video}
          maxLength={200}
          wrong={action.fieldError("video_address")}
          value={video}
          onValue={setVideo}
        />
        <TextField
          label={w.reached.phone}
          short
          maxLength={40}
          wrong={action.fieldError("phone")}
          value={phone}
          onValue={setPhone}
        />
        <TextField
          label={w.newRoom.equipment}
          hint={w.newRoom.equipmentHint}
          maxLength={500}
          wrong={action.fieldError("equipment")}
          value={equipment}
          onValue={setEquipment}
        />
        <PersonPicker
          label={w.newRoom.technician}
          unitId={unit?.id}
          wrong={action.fieldError("technician_id")}
          value={keeper}
          onValue={setKeeper}
        />
        <Button type="submit" kind="big" icon="check" busy={action.busy} disabled={!unit}>
          {w.newRoom.submit}
        </Button>
      </form>
    </Page>
  );
}
