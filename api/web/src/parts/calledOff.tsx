import { formatMoment } from "../format";
import { useWords } from "../i18n";
import { calledOff } from "../i18n/vi/calledOff";
import { Notice } from "./show";

interface Conference {
  cancelled_at: string | null;
  cancelled_reason: string | null;
}

/** That a conference was called off, when and why; nothing about one that was not. */
export function CalledOff({ session, figures }: { session: Conference; figures?: boolean }) {
  const w = useWords(calledOff);
  if (!session.cancelled_at) return null;
  return (
    <Notice tone="bad" icon="cross">
      <p>
        <strong>{w.calledOff.at(formatMoment(session.cancelled_at))}</strong>{" "}
        {session.cancelled_reason && w.calledOff.reason(session.cancelled_reason)}
      </p>
      {figures && <p>{w.calledOff.noRate}</p>}
    </Notice>
  );
}
