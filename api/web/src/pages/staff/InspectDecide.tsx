import { useState } from "preact/hooks";
import { useAction } from "../../api/action";
import { post } from "../../api/client";
import type { Inspection } from "../../api/types";
import { useWords } from "../../i18n";
import { gate } from "../../i18n/vi/gate";
import { Button, Failure, Notice } from "../../parts/show";
import { ReasonBox, SHORTEST } from "./ReviewReason";

/** Release; or clear, hold, refuse, each for a reason that stays on record. */
export function InspectDecide({
  it,
  looked,
  mustLook,
  onDecided,
  onDestroyed,
}: {
  it: Inspection;
  looked: number[];
  mustLook: boolean;
  onDecided: () => void;
  /** Nothing is left to be seen of a file that was refused. */
  onDestroyed: () => void;
}) {
  const w = useWords(gate);
  const action = useAction();
  const [reason, setReason] = useState("");
  const [short, setShort] = useState(false);
  const [done, setDone] = useState(false);
  const run = (work: () => Promise<unknown>, then = onDecided) =>
    void action.run(async () => {
      await work();
      setDone(true);
      then();
    });
  const decide = (verb: "clear" | "hold" | "refuse") => {
    const missing = reason.trim().length < SHORTEST;
    setShort(missing);
    if (missing || (verb === "refuse" && !confirm(w.inspect.refuseSure))) return;
    run(() => post(`/jobs/${it.job.id}/${verb}`, { reason }), verb === "refuse" ? onDestroyed : onDecided);
  };
  return (
    <section class="card stack">
      <h2>{w.inspect.decide}</h2>
      {done && !action.error && <Notice tone="good">{w.inspect.done}</Notice>}
      <Failure error={action.error} />
      {it.job.can_release && (
        <p>
          <Button
            icon="release"
            busy={action.busy}
            disabled={mustLook && looked.length < it.pictures.length}
            onClick={() => run(() => post(`/jobs/${it.job.id}/release`, { looked }))}
          >
            {w.inspect.release}
          </Button>
        </p>
      )}
      {(it.can_decide || it.can_hold) && (
        <>
          <ReasonBox
            label={w.inspect.reason}
            hint={w.inspect.reasonHint}
            wrong={short ? w.inspect.reasonShort : undefined}
            value={reason}
            onValue={setReason}
          />
          <div class="line">
            {it.can_decide && (
              <Button kind="second" icon="check" busy={action.busy} onClick={() => decide("clear")}>
                {w.inspect.clear}
              </Button>
            )}
            {it.can_hold && (
              <Button kind="second" icon="lock" busy={action.busy} onClick={() => decide("hold")}>
                {w.inspect.hold}
              </Button>
            )}
            <Button kind="plain" busy={action.busy} onClick={() => decide("refuse")}>
              {w.inspect.refuse}
            </Button>
          </div>
        </>
      )}
    </section>
  );
}
