import { useState } from "preact/hooks";
import { useAction } from "../../api/action";
import { post } from "../../api/client";
import { useWords } from "../../i18n";
import { counts } from "../../i18n/vi/counts";
import { technician } from "../../i18n/vi/technician";
import { TextField } from "../../parts/form";
import { Page } from "../../parts/page";
import { Button, Failure } from "../../parts/show";
import { go } from "../../router";

/** Becoming the technician of a point for today, by the six digits that somebody reads out. */
export function TakeOver() {
  const w = useWords(technician, counts);
  const action = useAction();
  const [code, setCode] = useState("");
  const [wrong, setWrong] = useState(false);
  const take = async () => {
    setWrong(code.length !== 6);
    if (code.length !== 6) return;
    await action.run(async () => {
      const point = await post("/handovers", { code });
      go(`/diem-cau/${point.id}`);
    });
  };
  return (
    <Page title={w.handover.take} lead={w.handover.takeLead} back={{ to: "/phong-hop", text: w.rooms.title }} narrow>
      <form
        noValidate
        class="stack"
        onSubmit={(event) => {
          event.preventDefault();
          void take();
        }}
      >
        <TextField
          label={w.handover.typed}
          wrong={wrong ? w.handover.wrong : undefined}
          inputMode="numeric"
          autoComplete="off"
          maxLength={7}
          short
          required
          value={code}
          onValue={(value) => setCode(value.replace(/\D/g, "").slice(0, 6))}
        />
        <Failure error={action.error} />
        <Button type="submit" kind="big" icon="check" busy={action.busy}>
          {w.handover.submit}
        </Button>
      </form>
    </Page>
  );
}
