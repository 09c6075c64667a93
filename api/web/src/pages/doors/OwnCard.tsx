import { useEffect, useState } from "preact/hooks";
import { useAction } from "../../api/action";
import { get, NoLink } from "../../api/client";
import { useWords } from "../../i18n";
import { doors } from "../../i18n/vi/doors";
import { keepSeen, recallSeen } from "../../kept/seen";
import { useNow } from "../../parts/now";
import { Button, Failure } from "../../parts/show";
import { Qr } from "../group/Qr";
import { cardText, type KeptCard } from "./card";

/** For a room without a link: the person's own code, which the point's device scans. */
export function OwnCard({ session }: { session: string }) {
  const w = useWords(doors);
  const [card, setCard] = useState<KeptCard | null>(null);
  const action = useAction();
  const show = () => action.run(async () => setCard(await fetchCard(session)));
  if (card) return <Shown card={card} />;
  return (
    <div class="stack tight">
      <Button kind="plain" icon="person" busy={action.busy} onClick={() => void show()}>
        {w.own.show}
      </Button>
      <Failure error={action.error} />
    </div>
  );
}

/** Asked for once with a link, it stays on the phone. */
async function fetchCard(session: string): Promise<KeptCard> {
  const url = `card/${session}`;
  try {
    const told = await get(`/sessions/${session}/my-card`);
    const card = { ...told, ahead: new Date(told.server_time).getTime() - Date.now() };
    await keepSeen(url, card);
    return card;
  } catch (error) {
    const seen = error instanceof NoLink ? await recallSeen<KeptCard>(url) : null;
    if (!seen) throw error;
    return seen.answer;
  }
}

function Shown({ card }: { card: KeptCard }) {
  const w = useWords(doors);
  useNow();
  const step = Math.floor((Date.now() + card.ahead) / 1000 / card.step_seconds);
  const [text, setText] = useState<string | null>(null);
  useEffect(() => void cardText(card, Date.now()).then(setText), [step]);
  return (
    <section class="stack tight door" aria-label={w.own.title}>
      <p>
        <strong>{card.full_name}</strong>
      </p>
      {text && <Qr text={text} label={w.own.label(card.full_name)} />}
      <p class="quiet small">{w.own.hint}</p>
    </section>
  );
}
