import { useEffect, useRef, useState } from "preact/hooks";
import type { Prompt } from "../../api/types";
import { useWords } from "../../i18n";
import { player } from "../../i18n/vi/player";
import { TextField } from "../../parts/form";
import { Icon } from "../../parts/icons";
import { Button, Notice } from "../../parts/show";
import { call, putInTitle } from "../../player/attention";
import type { Question as Asked, Questions } from "../../player/questions";
import { useStore } from "../../store";

/** The question that is up, in the page and not over it, and what became of the last answer. */
export function Question({ questions }: { questions: Questions }) {
  const asked = useStore(questions.state);
  return asked && <Panel key={asked.prompt.id} questions={questions} asked={asked} />;
}

function Panel({ questions, asked }: { questions: Questions; asked: Asked }) {
  const w = useWords(player);
  const { phase, prompt } = asked;
  useShown(questions, w.question.inTitle);
  const giveBack = useFocus();
  const goOn = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (phase === "missed") goOn.current?.querySelector("button")?.focus();
    else if (phase !== "asked") giveBack();
  }, [phase]);
  if (phase === "asked") {
    return (
      <section class="question card stack" role="dialog" aria-labelledby="question" aria-describedby="question-about">
        <div class="stack tight">
          <h2 id="question" tabIndex={-1}>
            {w.question.title}
          </h2>
          <p id="question-about">
            <strong>{prompt.question}</strong>
          </p>
          <TimeLeft seconds={asked.secondsLeft} whole={prompt.seconds_left} />
        </div>
        <Form prompt={prompt} onAnswer={(answer) => void questions.answer(answer)} />
      </section>
    );
  }
  if (phase === "missed") {
    return (
      <div ref={goOn}>
        <Notice tone="warn" icon="clock">
          <p>{w.question.missed}</p>
          <Button icon="play" onClick={() => questions.dismiss()}>
            {w.question.goOn}
          </Button>
        </Notice>
      </div>
    );
  }
  return (
    <p class="with-icon" role="status">
      <Icon name={phase === "sending" ? "retry" : "info"} />
      <span>{phase === "told" ? asked.message : asked.failing ? w.question.again : w.question.sending}</span>
    </p>
  );
}

const CALL_MS = 20_000;

/** The time runs only once somebody can see the question. Until then they are called. */
function useShown(questions: Questions, title: string): void {
  useEffect(() => {
    let takeAway = document.hidden ? putInTitle(title) : null;
    const show = () => {
      if (document.hidden) return;
      takeAway?.();
      takeAway = null;
      questions.show();
    };
    const timer = setInterval(() => document.hidden && call(), CALL_MS);
    document.addEventListener("visibilitychange", show);
    show();
    return () => {
      clearInterval(timer);
      document.removeEventListener("visibilitychange", show);
      takeAway?.();
    };
  }, []);
}

/** The question takes the focus, which a screen reader follows; what had it gets it back with the answer. */
function useFocus(): () => void {
  const before = useRef<Element | null>(null);
  useEffect(() => {
    before.current = document.activeElement;
    const heading = document.getElementById("question");
    heading?.focus({ preventScroll: true });
    heading?.scrollIntoView({ block: "start" });
  }, []);
  return () => {
    const had = before.current;
    const back = had instanceof HTMLElement && had.isConnected && had !== document.body;
    (back ? had : document.querySelector<HTMLElement>(".controls .main"))?.focus();
  };
}

const STEP_SECONDS = 10;
/** A screen reader is told at the half and shortly before the end. */
const SPOKEN = [30, STEP_SECONDS];

/** The time left, in steps that don't press: no figure runs. */
function TimeLeft({ seconds, whole }: { seconds: number; whole: number }) {
  const w = useWords(player);
  const rounded = Math.max(STEP_SECONDS, STEP_SECONDS * Math.round(seconds / STEP_SECONDS));
  const spoken = SPOKEN.includes(rounded) ? w.question.left(w.seconds(rounded)) : "";
  return (
    <div class="small quiet">
      <p aria-hidden={spoken !== ""}>{w.question.left(w.seconds(rounded))}</p>
      <progress max={whole} value={seconds} aria-hidden="true" />
      <p class="unseen" role="status">
        {spoken}
      </p>
    </div>
  );
}

function Form({ prompt, onAnswer }: { prompt: Prompt; onAnswer: (answer: string) => void }) {
  const w = useWords(player);
  const [answer, setAnswer] = useState("");
  const [wrong, setWrong] = useState("");
  const isCode = prompt.kind === "code";
  const enter = (value: string) => {
    setAnswer(value);
    setWrong("");
  };
  return (
    <form
      class="stack"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        if (answer.trim()) onAnswer(answer.trim());
        else setWrong(isCode ? w.question.type : w.question.choose);
      }}
    >
      {isCode ? (
        <Code prompt={prompt} value={answer} onValue={enter} wrong={wrong} />
      ) : (
        <Choices prompt={prompt} value={answer} onValue={enter} wrong={wrong} />
      )}
      <button type="submit" class="button big">
        {w.question.send}
      </button>
    </form>
  );
}

interface Given {
  prompt: Prompt;
  value: string;
  onValue: (value: string) => void;
  wrong: string;
}

/** Pictures or words, large enough for a thumb. Their names give nothing away: the pictures have to be seen. */
function Choices({ prompt, value, onValue, wrong }: Given) {
  const w = useWords(player);
  return (
    <fieldset aria-describedby={wrong ? "question-wrong" : undefined}>
      <legend class="unseen">{prompt.question}</legend>
      {wrong && (
        <p id="question-wrong" class="wrong" role="alert">
          {wrong}
        </p>
      )}
      <div class={prompt.kind === "picture" ? "answers pictures" : "answers"}>
        {prompt.choices.map((choice) => (
          <label key={choice.id} class="choice">
            <input
              type="radio"
              name="answer"
              value={choice.id}
              checked={value === choice.id}
              onChange={() => onValue(choice.id)}
            />
            <span>
              {choice.url && <Picture url={choice.url} alt="" waiting={w.question.noPicture} />}
              {choice.text ?? choice.label}
            </span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}

function Code({ prompt, value, onValue, wrong }: Given) {
  const w = useWords(player);
  const [spelt, setSpelt] = useState(false);
  return (
    <>
      {prompt.picture_url && (
        <Picture url={prompt.picture_url} alt={w.question.codePicture} waiting={w.question.noPicture} />
      )}
      {prompt.spoken && (
        <div class="line">
          <Button kind="plain" onClick={() => setSpelt(true)}>
            {w.question.spell}
          </Button>
          <span role="status">{spelt && prompt.spoken}</span>
        </div>
      )}
      <TextField
        label={w.question.code}
        hint={w.question.codeHint}
        wrong={wrong || undefined}
        value={value}
        onValue={onValue}
        inputMode="numeric"
        autoComplete="off"
        maxLength={12}
        short
      />
    </>
  );
}

const PICTURE_RETRY_MS = 2_000;

/** A picture that is fetched again until it comes: the time to answer runs. */
function Picture({ url, alt, waiting }: { url: string; alt: string; waiting: string }) {
  const [missing, setMissing] = useState(false);
  useEffect(() => {
    if (!missing) return;
    const timer = setTimeout(() => setMissing(false), PICTURE_RETRY_MS);
    return () => clearTimeout(timer);
  }, [missing]);
  if (missing) return <em class="small">{waiting}</em>;
  return <img src={url} alt={alt} onError={() => setMissing(true)} />;
}
