import { useId, useState } from "preact/hooks";
import type { Moment, NewPhoto } from "../../api/types";
import type { KeptPhoto } from "../../counts/photos";
import { hashOf, shrink } from "../../counts/shrink";
import { makeKey } from "../../device";
import { useWords } from "../../i18n";
import { counts } from "../../i18n/vi/counts";
import { Icon } from "../../parts/icons";
import { Notice } from "../../parts/show";
import { useStore } from "../../store";
import { outbox } from "../../waiting";

interface Of {
  pointId: string;
  sessionId: string;
  partId: string;
  moment: Moment;
  /** The headcount that it proves, by its key. */
  headcountKey: string | null;
  note: string;
}

/** A picture of the room or the sign-in sheet, by the phone's own camera. What it shows is declared before it is taken. */
export function CountPhoto(of: Of) {
  const w = useWords(counts);
  const id = useId();
  const [declared, setDeclared] = useState(false);
  const [wrong, setWrong] = useState<string | null>(null);
  const [kept, setKept] = useState<string | null>(null);
  const onChange = async ({ currentTarget }: { currentTarget: HTMLInputElement }) => {
    const file = currentTarget.files?.[0];
    if (!file) return;
    const bytes = await shrink(file);
    setWrong(bytes ? null : w.photo.unreadable);
    if (bytes) setKept(await keepPhoto(of, bytes));
    currentTarget.value = "";
  };
  return (
    <section class="card stack">
      <h2>{w.photo.title}</h2>
      <p class="quiet">{w.photo.lead}</p>
      <label class="choice">
        <input
          type="checkbox"
          checked={declared}
          onChange={(event) => {
            setDeclared(event.currentTarget.checked);
            setWrong(null);
          }}
        />
        <span>{w.photo.declare}</span>
      </label>
      {wrong && <Notice tone="bad">{wrong}</Notice>}
      <div class="file-choice">
        <input
          class="unseen"
          id={id}
          type="file"
          accept="image/*"
          capture="environment"
          onClick={(event) => {
            if (declared) return;
            event.preventDefault();
            setWrong(w.photo.declareFirst);
          }}
          onChange={(event) => void onChange(event)}
        />
        <label class="button second" for={id}>
          <Icon name="plus" />
          {w.photo.take}
        </label>
      </div>
      {kept && <Outcome entryId={kept} />}
    </section>
  );
}

function Outcome({ entryId }: { entryId: string }) {
  const w = useWords(counts);
  const entry = useStore(outbox.entries).find((one) => one.id === entryId);
  if (!entry) return <Notice tone="good">{w.photo.sent}</Notice>;
  if (entry.refusal) return <Notice tone="bad">{entry.refusal}</Notice>;
  return (
    <Notice tone="warn">
      {w.photo.kept} <a href="/cho-gui">{w.outbox.title}</a>
    </Notice>
  );
}

/** Puts the picture into the outbox, behind the headcount that it proves; gives the entry's id. */
async function keepPhoto(of: Of, bytes: ArrayBuffer): Promise<string> {
  const photo: NewPhoto = {
    part_id: of.partId,
    moment: of.moment,
    headcount_key: of.headcountKey,
    sha256: hashOf(bytes),
    bytes: bytes.byteLength,
    taken_at: new Date().toISOString(),
    client_key: makeKey(),
  };
  const body: KeptPhoto = { photo, session_id: of.sessionId, bytes };
  const entry = await outbox.add("photo", `/session-points/${of.pointId}/photos`, body, of.note);
  void outbox.deliver();
  return entry.id;
}
