import { useEffect, useState } from "preact/hooks";
import { useAction } from "../../api/action";
import { NoLink, Problem, post } from "../../api/client";
import { useResource } from "../../api/resource";
import type { Arrived, CodeBrought, MyPart } from "../../api/types";
import { makeKey, recall, remember } from "../../device";
import { formatSpan, formatTime } from "../../format";
import { useWords } from "../../i18n";
import { doors } from "../../i18n/vi/doors";
import { Choice, TextField } from "../../parts/form";
import { Icon } from "../../parts/icons";
import { Page } from "../../parts/page";
import { Button, Empty, Failure, Notice, Show } from "../../parts/show";
import { setQuery, useAddress } from "../../router";
import { outbox } from "../../waiting";
import { canScan, Scanner } from "../group/Scanner";
import { OwnCard } from "./OwnCard";
import "../group/group.css";
import "./doors.css";

const DIGITS = 6;

/** The member's page: bring the code that the room shows, and read in plain words what became of it. */
export function MyCheckIn() {
  const w = useWords(doors);
  const { query } = useAddress();
  const scanned = query.get("ma");
  const parts = useResource("/my-check-ins", { keep: true });
  const [arrived, setArrived] = useState<Arrived | null>(null);
  const [keptAt, setKeptAt] = useState<string | null>(null);
  const action = useAction();
  const bring = (code: CodeBrought) =>
    void action.run(async () => {
      setArrived(null);
      setKeptAt(null);
      const readAt = new Date().toISOString();
      try {
        setArrived(await post("/my-check-ins", { ...code, phone: phoneName() }));
      } catch (error) {
        if (!(error instanceof NoLink)) throw error;
        if (!code.token) throw new Problem(0, "no-link", w.mine.noDigits);
        const body: CodeBrought = { ...code, phone: phoneName(), scanned_at: readAt };
        await outbox.add("check-in", "/my-check-ins", body, w.mine.note);
        setKeptAt(readAt);
      }
      parts.reload();
    });
  useEffect(() => {
    // The phone's own camera opened this page by the room's QR code: the code came with the address, and dies soon.
    if (!scanned) return;
    setQuery("ma", null);
    bring({ token: scanned, phone: "" });
  }, [scanned]);
  return (
    <Page title={w.mine.title} lead={w.mine.lead} narrow>
      {action.busy && (
        <p class="with-icon" role="status">
          <Icon name="clock" />
          {w.mine.sending}
        </p>
      )}
      <Failure error={action.error} />
      {keptAt && (
        <Notice tone="warn" icon="unlink">
          {w.mine.kept(formatTime(keptAt))}
        </Notice>
      )}
      {arrived && <Outcome arrived={arrived} />}
      <Show of={parts}>
        {(items) =>
          items.length === 0 ? (
            <Empty title={w.mine.none}>
              <p class="quiet">{w.mine.noneHint}</p>
            </Empty>
          ) : (
            <ul class="cards">
              {items.map((item) => (
                <li key={item.part.id}>
                  <PartCard item={item} busy={action.busy} onCode={bring} />
                </li>
              ))}
            </ul>
          )
        }
      </Show>
    </Page>
  );
}

function Outcome({ arrived }: { arrived: Arrived }) {
  const w = useWords(doors);
  return arrived.state === "in" ? (
    <Notice tone="good">
      <p>
        <strong>{w.mine.checked(formatTime(arrived.at), arrived.point)}</strong>
      </p>
      <p>
        {arrived.session.title}, {arrived.part.title}
      </p>
    </Notice>
  ) : (
    <Notice tone="warn">
      <p>
        <strong>{w.mine.claimed(arrived.point)}</strong>
      </p>
      {arrived.reason && <p>{w.mine.because[arrived.reason]}</p>}
    </Notice>
  );
}

function PartCard({ item, busy, onCode }: { item: MyPart; busy: boolean; onCode: (code: CodeBrought) => void }) {
  const w = useWords(doors);
  const [scanning, setScanning] = useState(false);
  return (
    <section class="card stack" aria-label={`${item.session.title}, ${item.part.title}`}>
      <div class="stack tight">
        <h2>{item.session.title}</h2>
        <p>{item.part.title}</p>
        <p class="with-icon quiet small">
          <Icon name="clock" />
          {formatSpan(item.starts_at, item.ends_at)}
        </p>
      </div>
      {item.checked ? (
        <Notice tone="good">
          <p>
            <strong>{w.mine.checked(formatTime(item.checked.at), item.checked.point)}</strong>
          </p>
          <p class="small">{w.mine.methods[item.checked.method] ?? ""}</p>
        </Notice>
      ) : (
        <>
          {item.claimed && (
            <Notice tone="warn">
              <p>{w.mine.waitsEye}</p>
              <p>{w.mine.because[item.claimed]}</p>
            </Notice>
          )}
          {canScan() &&
            (scanning ? (
              <Scanner
                read={tokenOf}
                onCode={(token) => {
                  setScanning(false);
                  onCode({ token, phone: "" });
                }}
                onStop={() => setScanning(false)}
              />
            ) : (
              <Button kind="big" icon="phone" busy={busy} onClick={() => setScanning(true)}>
                {w.mine.scan}
              </Button>
            ))}
          <Typed item={item} busy={busy} onCode={onCode} />
          <OwnCard session={item.session.id} />
        </>
      )}
    </section>
  );
}

function Typed({ item, busy, onCode }: { item: MyPart; busy: boolean; onCode: (code: CodeBrought) => void }) {
  const w = useWords(doors);
  const [point, setPoint] = useState(item.points[0]?.id ?? "");
  const [digits, setDigits] = useState("");
  if (item.points.length === 0) return <p class="quiet">{w.mine.noPoint}</p>;
  return (
    <form
      class="stack"
      onSubmit={(event) => {
        event.preventDefault();
        onCode({ digits, point_id: point, phone: "" });
        setDigits("");
      }}
    >
      {item.points.length > 1 && (
        <Choice
          label={w.mine.where}
          value={point}
          onValue={setPoint}
          options={item.points.map((one) => ({ value: one.id, text: one.name, more: one.address }))}
        />
      )}
      <TextField
        label={w.mine.code}
        hint={item.points.length === 1 ? item.points[0]?.name : undefined}
        value={digits}
        onValue={(typed) => setDigits(typed.replace(/\D/g, "").slice(0, DIGITS))}
        inputMode="numeric"
        autoComplete="off"
        short
      />
      <button type="submit" class="button second" aria-busy={busy} disabled={busy || digits.length < DIGITS}>
        <Icon name="check" />
        {w.mine.send}
      </button>
    </form>
  );
}

/** What a point's QR code says behind this page's address; null for any other code. */
function tokenOf(text: string): string | null {
  const url = URL.canParse?.(text) ? new URL(text) : null;
  return url?.pathname === "/diem-danh" ? url.searchParams.get("ma") : null;
}

/** This phone's name for itself, made by chance: it tells two phones apart, and nothing else. */
function phoneName(): string {
  const known = recall("phone");
  if (known) return known;
  const made = makeKey();
  remember("phone", made);
  return made;
}
