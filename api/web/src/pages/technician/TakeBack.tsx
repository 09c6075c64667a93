import { useState } from "preact/hooks";
import { useWords } from "../../i18n";
import { doors } from "../../i18n/vi/doors";
import { TextField } from "../../parts/form";
import { Button } from "../../parts/show";

/** Takes one person's check-in back: it wants to know why, and stays in the history. */
export function TakeBack({ name, onTakeBack }: { name: string; onTakeBack: (reason: string) => void }) {
  const w = useWords(doors);
  const [asked, setAsked] = useState(false);
  const [reason, setReason] = useState("");
  if (!asked) {
    return (
      <Button kind="plain" onClick={() => setAsked(true)}>
        {w.tick.takeBack}
        <span class="unseen"> {name}</span>
      </Button>
    );
  }
  return (
    <form
      class="stack tight take-back"
      onSubmit={(event) => {
        event.preventDefault();
        setAsked(false);
        onTakeBack(reason);
      }}
    >
      <TextField label={w.tick.why} value={reason} onValue={setReason} maxLength={300} />
      <div class="line">
        {w.tick.reasons.map((given) => (
          <Button key={given} kind="plain" onClick={() => setReason(given)}>
            {given}
          </Button>
        ))}
      </div>
      <div class="line">
        <button type="submit" class="button danger" disabled={!reason.trim()}>
          {w.tick.reallyBack}
        </button>
        <Button kind="plain" onClick={() => setAsked(false)}>
          {w.tick.stay}
        </Button>
      </div>
    </form>
  );
}
