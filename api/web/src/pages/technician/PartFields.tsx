import { useWords } from "../../i18n";
import { technician } from "../../i18n/vi/technician";
import { MomentField, readMoment, TextField, type TypedMoment } from "../../parts/form";
import { Button } from "../../parts/show";

/** One part of an agenda while it is being written. */
export interface PartDraft {
  title: string;
  speaker: string;
  from: TypedMoment;
  to: TypedMoment;
}

export function PartFields({
  at,
  part,
  fieldError,
  onPart,
  onRemove,
}: {
  at: number;
  part: PartDraft;
  fieldError: (name: string) => string | undefined;
  onPart: (next: Partial<PartDraft>) => void;
  /** Null for the last one left: a conference needs one. */
  onRemove: (() => void) | null;
}) {
  const w = useWords(technician);
  return (
    <section class="card stack">
      <div class="line apart">
        <h3>{w.newConference.part(at + 1)}</h3>
        {onRemove && (
          <Button kind="plain" icon="trash" onClick={onRemove}>
            {w.newConference.removePart(at + 1)}
          </Button>
        )}
      </div>
      <TextField
        label={w.newConference.partTitle}
        wrong={fieldError(`parts.${at}.title`)}
        required
        maxLength={300}
        value={part.title}
        onValue={(title) => onPart({ title })}
      />
      <TextField
        label={w.newConference.speaker}
        wrong={fieldError(`parts.${at}.speaker`)}
        maxLength={200}
        value={part.speaker}
        onValue={(speaker) => onPart({ speaker })}
      />
      <MomentField label={w.newConference.from} value={part.from} onValue={(from) => onPart({ from })} />
      <MomentField label={w.newConference.to} value={part.to} onValue={(to) => onPart({ to })} />
    </section>
  );
}

/** As the server takes it; null when an hour is not a real one, or the end comes first. */
export function readPart({ title, speaker, from, to }: PartDraft) {
  const starts_at = readMoment(from);
  const ends_at = readMoment(to);
  if (!starts_at || !ends_at || ends_at <= starts_at) return null;
  return { title: title.trim(), speaker: speaker.trim() || null, starts_at, ends_at };
}

// Written moments of one zone sort like the moments themselves.
export const earliest = (moments: string[]) => moments.reduce((a, b) => (a < b ? a : b));
export const latest = (moments: string[]) => moments.reduce((a, b) => (a > b ? a : b));
