/** Asks for the password of a deck that cannot be opened without one. It goes to the server once and stays nowhere. */

import { useState } from "preact/hooks";
import { useAction } from "../api/action";
import { post } from "../api/client";
import type { Job } from "../api/types";
import { useWords } from "../i18n";
import { jobs as jobWords } from "../i18n/vi/jobs";
import { TextField } from "./form";
import { Button, Failure } from "./show";

export function Unlock({ job, onChange }: { job: Job; onChange: () => void }) {
  const w = useWords(jobWords).unlock;
  const action = useAction();
  const [password, setPassword] = useState("");
  const open = (event: Event) => {
    event.preventDefault();
    void action.run(async () => {
      await post(`/jobs/${job.id}/password`, { password });
      setPassword("");
      onChange();
    });
  };
  return (
    <form class="stack tight" onSubmit={open}>
      <Failure error={action.error} />
      <TextField
        type="password"
        label={w.label}
        hint={w.hint}
        value={password}
        onValue={setPassword}
        autoComplete="off"
        autoCapitalize="none"
        spellcheck={false}
        maxLength={255}
        required
        short
      />
      <div class="line">
        <Button type="submit" busy={action.busy}>
          {w.open}
        </Button>
      </div>
    </form>
  );
}
