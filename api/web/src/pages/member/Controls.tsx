import type { Rung } from "../../api/types";
import { useWords } from "../../i18n";
import { member } from "../../i18n/vi/member";
import { player } from "../../i18n/vi/player";
import { Icon } from "../../parts/icons";
import { Button } from "../../parts/show";
import type { Watch, WatchMode, WatchState } from "../../player/watch";
import { rungText, videoCost } from "./costs";

export const STEP_SECONDS = 10;
const RATES = [0.75, 1, 1.25, 1.5];

/** The speeds that count here, slowest first. */
export const ratesOf = (watch: Watch): number[] => RATES.filter((rate) => rate <= watch.viewing.max_rate);

export function Controls({ watch, state }: { watch: Watch; state: WatchState }) {
  const w = useWords(player);
  return (
    <fieldset class="controls" disabled={state.superseded} aria-label={w.replay.controls}>
      <button type="button" onClick={() => watch.seek(state.position - STEP_SECONDS)}>
        <Icon name="rewind" />
        {w.replay.back10}
      </button>
      <button type="button" class="main" onClick={() => watch.toggle()}>
        <Icon name={state.playing ? "pause" : "play"} />
        {state.playing ? w.replay.pause : w.replay.play}
      </button>
      <button type="button" onClick={() => watch.seek(state.position + STEP_SECONDS)}>
        <Icon name="skip" />
        {w.replay.skip10}
      </button>
    </fieldset>
  );
}

/** How it is played: the speed, the size of the picture, and the other way to watch. */
export function Ways({ watch, state, rungs }: { watch: Watch; state: WatchState; rungs: Rung[] }) {
  const w = useWords(member, player);
  const other: WatchMode = state.mode === "slides" ? "video" : "slides";
  const possible = other === "video" ? rungs.length > 0 : watch.viewing.speech.length > 0;
  return (
    <div class="line ways">
      <label class="line">
        {w.replay.speed}
        <select
          class="box"
          style={{ width: "auto" }}
          value={state.rate}
          onChange={(event) => watch.setRate(Number(event.currentTarget.value))}
        >
          {ratesOf(watch).map((rate) => (
            <option key={rate} value={rate}>
              {w.replay.times(rate)}
            </option>
          ))}
        </select>
      </label>
      {state.mode === "video" && rungs.length > 1 && (
        <label class="line" style={{ minWidth: 0 }}>
          {w.replay.picture}
          <select
            class="box"
            style={{ width: "auto", maxWidth: "100%" }}
            value={state.rung ?? ""}
            onChange={(event) => watch.setRung(event.currentTarget.value || null)}
          >
            <option value="">{w.replay.automatic(videoCost(w, rungs))}</option>
            {rungs.map((rung) => (
              <option key={rung.name} value={rung.name}>
                {rungText(w, rung)}
              </option>
            ))}
          </select>
        </label>
      )}
      {possible && (
        <Button kind="second" icon={other === "video" ? "video" : "slides"} onClick={() => watch.setMode(other)}>
          {w.replay.switchTo[other]}
        </Button>
      )}
    </div>
  );
}
