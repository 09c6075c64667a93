import { useEffect, useRef, useState } from "preact/hooks";
import { recall, remember } from "../../device";
import { useWords } from "../../i18n";
import { player } from "../../i18n/vi/player";
import { Icon } from "../../parts/icons";
import { type Act, actOf, isTaken } from "../../player/keys";

const NAME = "letter-keys";

/** Has the keys of the whole page drive the replay, and says which they are. */
export function Keys({ onAct }: { onAct: (act: Act) => void }) {
  const w = useWords(player);
  const [letters, setLetters] = useState(recall(NAME) !== "off");
  const acting = useRef(onAct);
  acting.current = onAct;
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const act = actOf(event, letters);
      if (!act || isTaken(event.target as Element, event.key)) return;
      event.preventDefault();
      acting.current(act);
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, [letters]);
  return (
    <details class="card keys">
      <summary>
        <Icon name="down" />
        {w.keys.title}
      </summary>
      <div class="stack">
        <dl class="facts">
          {w.keys.line.map(([key, what]) => (
            <>
              <dt>
                <kbd>{key}</kbd>
              </dt>
              <dd>{what}</dd>
            </>
          ))}
        </dl>
        <label class="choice">
          <input
            type="checkbox"
            checked={letters}
            onChange={(event) => {
              setLetters(event.currentTarget.checked);
              remember(NAME, event.currentTarget.checked ? null : "off");
            }}
          />
          <span>{w.keys.letters}</span>
        </label>
      </div>
    </details>
  );
}
