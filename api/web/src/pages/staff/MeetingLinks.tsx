import { useWords } from "../../i18n";
import { meetings } from "../../i18n/vi/meetings";
import { Icon } from "../../parts/icons";

/** From the results of a conference to its meeting logs and to the three numbers of every point. */
export function MeetingLinks({ sessionId }: { sessionId: string }) {
  const w = useWords(meetings);
  return (
    <>
      <a class="button second" href={`/can-bo/${sessionId}/nhat-ky`}>
        <Icon name="log" />
        {w.logs.title}
      </a>
      <a class="button second" href={`/can-bo/${sessionId}/doi-chieu`}>
        <Icon name="chart" />
        {w.reconcile.title}
      </a>
    </>
  );
}
