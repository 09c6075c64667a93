import { useState } from "preact/hooks";
import { useAction } from "../../api/action";
import { post, remove } from "../../api/client";
import { useResource } from "../../api/resource";
import type { GateRules } from "../../api/types";
import { formatMoment, formatNumber } from "../../format";
import { useWords } from "../../i18n";
import { gate } from "../../i18n/vi/gate";
import { Choice, TextField } from "../../parts/form";
import { Page } from "../../parts/page";
import { Button, Empty, Failure, Notice, Show } from "../../parts/show";

type Effect = "refuses" | "holds";

/** Every marking that is searched for, and a form for another one. */
export function Rules() {
  const w = useWords(gate);
  const rules = useResource("/gate/rules");
  return (
    <Page title={w.rules.title} lead={rules.data && w.rules.lead(rules.data.version)} narrow>
      <Show of={rules}>
        {(it) => (
          <>
            {it.due > 0 && <Notice tone="warn">{w.rules.due(formatNumber(it.due))}</Notice>}
            <Added it={it} onChange={rules.replace} />
            <NewRule onChange={rules.replace} />
            <section class="stack">
              <h2>{w.rules.builtIn}</h2>
              {it.built_in.map((rule) => (
                <details key={rule.name} class="card">
                  <summary>
                    <strong>{rule.name}</strong>: {w.rules.kinds[rule.kind]}
                  </summary>
                  <p>{rule.phrases.join(" · ")}</p>
                </details>
              ))}
            </section>
          </>
        )}
      </Show>
    </Page>
  );
}

function Added({ it, onChange }: { it: GateRules; onChange: (rules: GateRules) => void }) {
  const w = useWords(gate);
  const action = useAction();
  const retire = (id: string) => void action.run(async () => onChange(await remove(`/gate/rules/${id}`)));
  return (
    <section class="stack">
      <h2>{w.rules.added}</h2>
      <Failure error={action.error} />
      {it.added.length === 0 && <Empty title={w.rules.none} />}
      <ul class="stack">
        {it.added.map((rule) => (
          <li key={rule.id} class="card stack tight">
            <strong>{rule.phrase}</strong>
            <span class="quiet small">
              {rule.certain ? w.rules.refuses : w.rules.holds} ·{" "}
              {w.rules.by(rule.added_by.full_name, formatMoment(rule.added_at))}
            </span>
            <p>
              <Button kind="plain" busy={action.busy} onClick={() => retire(rule.id)}>
                {w.rules.retire}
              </Button>
            </p>
          </li>
        ))}
      </ul>
    </section>
  );
}

function NewRule({ onChange }: { onChange: (rules: GateRules) => void }) {
  const w = useWords(gate);
  const action = useAction();
  const [phrase, setPhrase] = useState("");
  const [effect, setEffect] = useState<Effect>("holds");
  const add = (event: Event) => {
    event.preventDefault();
    void action.run(async () => {
      onChange(await post("/gate/rules", { phrase, certain: effect === "refuses" }));
      setPhrase("");
    });
  };
  return (
    <form class="card stack" onSubmit={add}>
      <Failure error={action.error} />
      <TextField
        label={w.rules.phrase}
        hint={w.rules.phraseHint}
        wrong={action.fieldError("phrase")}
        value={phrase}
        onValue={setPhrase}
        maxLength={100}
        required
      />
      <Choice
        across
        label={w.rules.certain}
        value={effect}
        onValue={setEffect}
        options={[
          { value: "holds", text: w.rules.holds },
          { value: "refuses", text: w.rules.refuses },
        ]}
      />
      <p>
        <Button type="submit" busy={action.busy}>
          {w.rules.add}
        </Button>
      </p>
    </form>
  );
}
