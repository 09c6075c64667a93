import { useAction } from "../../api/action";
import { post } from "../../api/client";
import { useResource } from "../../api/resource";
import type { MeetingLogBrief } from "../../api/types";
import type { PageProps } from "../../app";
import { formatMoment, formatNumber } from "../../format";
import { useWords } from "../../i18n";
import { meetings } from "../../i18n/vi/meetings";
import { Icon } from "../../parts/icons";
import { Page } from "../../parts/page";
import { Empty, Failure, Notice, Show } from "../../parts/show";
import { setQuery, useAddress } from "../../router";
import { FileInput } from "../technician/FileInput";
import { MeetingRows } from "./MeetingRows";
import "./meetings.css";

/** Logs of video meetings: brought in here, looked through row by row, and only then counted. */
export function MeetingLogs({ id }: PageProps) {
  const w = useWords(meetings);
  const chosen = useAddress().query.get("tep");
  const session = useResource(`/sessions/${id}`);
  return (
    <Page
      title={w.logs.title}
      lead={session.data?.title ?? null}
      back={
        chosen
          ? { to: `/can-bo/${id}/nhat-ky`, text: w.logs.close }
          : { to: `/can-bo/${id}`, text: w.nav.participation }
      }
    >
      {chosen ? (
        <Show of={session}>{({ parts }) => <MeetingRows logId={chosen} parts={parts} />}</Show>
      ) : (
        <AllLogs sessionId={id} />
      )}
    </Page>
  );
}

function AllLogs({ sessionId }: { sessionId: string }) {
  const w = useWords(meetings);
  const list = useResource(`/sessions/${sessionId}/meeting-logs`);
  return (
    <>
      <Bring sessionId={sessionId} />
      <section class="stack">
        <h2>{w.logs.all}</h2>
        <Show of={list}>
          {(logs) =>
            logs.length === 0 ? (
              <Empty title={w.logs.none}>
                <p class="quiet">{w.logs.noneHint}</p>
              </Empty>
            ) : (
              <ul class="rows">
                {logs.map((log) => (
                  <LogLine key={log.id} log={log} sessionId={sessionId} />
                ))}
              </ul>
            )
          }
        </Show>
      </section>
    </>
  );
}

function LogLine({ log, sessionId }: { log: MeetingLogBrief; sessionId: string }) {
  const w = useWords(meetings);
  const count = (state: string) => formatNumber(log.states[state] ?? 0);
  return (
    <li>
      <a href={`/can-bo/${sessionId}/nhat-ky?tep=${log.id}`}>
        <div class="grow stack tight">
          <span class="title">{log.file_name}</span>
          <span>
            {w.logs.platforms[log.platform]} · {w.logs.names(formatNumber(log.participants))} ·{" "}
            {w.logs.states(count("accepted"), count("proposed"))}
          </span>
          <span class="quiet small">{w.logs.by(log.imported_by.full_name, formatMoment(log.imported_at))}</span>
        </div>
        <Icon name="forward" />
      </a>
    </li>
  );
}

function Bring({ sessionId }: { sessionId: string }) {
  const w = useWords(meetings);
  const action = useAction();
  const bring = (file: File) =>
    action.run(async () => {
      const content = await inBase64(file);
      const log = await post(`/sessions/${sessionId}/meeting-logs`, { file_name: file.name, content });
      setQuery("tep", log.id);
    });
  return (
    <section class="card stack">
      <h2>{w.logs.bring}</h2>
      <p class="quiet">{w.logs.bringHint}</p>
      <Failure error={action.error} />
      {action.busy ? (
        <Notice tone="plain">{w.logs.reading}</Notice>
      ) : (
        <div>
          <FileInput
            label={w.logs.choose}
            accept=".csv,.tsv,.txt,.xlsx,.xls,.xml,.json"
            onChosen={({ file }) => void bring(file)}
          />
        </div>
      )}
    </section>
  );
}

/** A file in base64, as the browser itself writes it behind the comma of a data address. */
function inBase64(file: File): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(String(reader.result).split(",")[1] ?? "");
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(file);
  });
}
