import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import type { Action } from "../../api/action";
import type { ConnectionPoint, Named, NewConnectionPoint } from "../../api/types";
import { useWords } from "../../i18n";
import { pointLists } from "../../i18n/vi/pointLists";
import { technician } from "../../i18n/vi/technician";
import { TextField } from "../../parts/form";
import { PersonPicker } from "../../parts/picker";
import { Button } from "../../parts/show";

/** What is told of a room, whichever unit it belongs to. */
export type ToldRoom = Omit<NewConnectionPoint, "unit_id">;

/** The fields of a room, the same for one that is new and for one that is changed. */
export function RoomForm({
  room,
  keeper: firstKeeper,
  keeperHint,
  unitId,
  action,
  submit,
  onTold,
  children,
}: {
  /** What is registered already. */
  room?: ConnectionPoint;
  keeper: Named | null;
  keeperHint?: string;
  /** Whose people are offered as technicians. */
  unitId: string | undefined;
  action: Action;
  submit: string;
  onTold: (told: ToldRoom) => void;
  /** What stands between the name and the address: the unit. */
  children: ComponentChildren;
}) {
  const w = useWords(technician, pointLists);
  const [keeper, setKeeper] = useState(firstKeeper);
  const [name, setName] = useState(room?.name ?? "");
  const [address, setAddress] = useState(room?.address ?? "");
  const [seats, setSeats] = useState(room?.seats?.toString() ?? "");
  const [equipment, setEquipment] = useState(room?.equipment ?? "");
  const [line, setLine] = useState(room?.line ?? "");
  const [measured, setMeasured] = useState(room?.measured_mbits?.toString() ?? "");
  const [backup, setBackup] = useState(room?.backup_line ?? "");
  const [video, setVideo] = useState(room?.video_address ?? "");
  const [phone, setPhone] = useState(room?.phone ?? "");

  const onSubmit = (event: Event) => {
    event.preventDefault();
    onTold({
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
  };
  return (
    <form noValidate class="stack" onSubmit={onSubmit}>
      <TextField
        label={w.newRoom.name}
        hint={w.newRoom.nameHint}
        required
        maxLength={200}
        wrong={action.fieldError("name")}
        value={name}
        onValue={setName}
      />
      {children}
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
        hint={keeperHint}
        unitId={unitId}
        wrong={action.fieldError("technician_id")}
        value={keeper}
        onValue={setKeeper}
      />
      <Button type="submit" kind="big" icon="check" busy={action.busy} disabled={!unitId}>
        {submit}
      </Button>
    </form>
  );
}
