/** Form fields: label, hint, what is wrong, box; each tied together for screen readers. */

import type { ComponentChildren } from "preact";
import { useId, useState } from "preact/hooks";
import { formatDate, formatTime, parseMoment } from "../format";
import { useWords } from "../i18n";
import { Icon } from "./icons";

interface FieldProps {
  label: string;
  hint?: string;
  wrong?: string;
}

interface InputProps {
  name?: string;
  type?: "text" | "password" | "search" | "number";
  inputMode?: "text" | "numeric";
  autoComplete?: string;
  autoCapitalize?: "none";
  spellcheck?: boolean;
  required?: boolean;
  placeholder?: string;
  min?: number;
  max?: number;
  minLength?: number;
  maxLength?: number;
}

export function Field({
  label,
  hint,
  wrong,
  children,
}: FieldProps & {
  children: (given: { id: string; "aria-describedby"?: string; "aria-invalid"?: true }) => ComponentChildren;
}) {
  const id = useId();
  const described = [hint && `${id}-hint`, wrong && `${id}-wrong`].filter(Boolean).join(" ") || undefined;
  return (
    <div class={`field ${wrong ? "has-wrong" : ""}`}>
      <label for={id}>{label}</label>
      {hint && (
        <p class="hint" id={`${id}-hint`}>
          {hint}
        </p>
      )}
      {wrong && <Wrong id={`${id}-wrong`}>{wrong}</Wrong>}
      {children({ id, "aria-describedby": described, "aria-invalid": wrong ? true : undefined })}
    </div>
  );
}

function Wrong({ id, children }: { id?: string; children: ComponentChildren }) {
  return (
    <p class="wrong" id={id}>
      <Icon name="warning" />
      {children}
    </p>
  );
}

export function TextField({
  value,
  onValue,
  label,
  hint,
  wrong,
  short,
  type,
  ...rest
}: FieldProps & {
  value: string;
  onValue: (value: string) => void;
  short?: boolean;
} & InputProps) {
  return (
    <Field label={label} hint={hint} wrong={wrong}>
      {(given) => (
        <input
          class={`box ${short ? "short" : ""}`}
          value={value}
          onInput={(event) => onValue(event.currentTarget.value)}
          // Preact wants to know at compile time which of the kinds it is, and here the page decides.
          type={(type ?? "text") as "text"}
          {...rest}
          {...given}
        />
      )}
    </Field>
  );
}

export interface Option<T extends string> {
  value: T;
  text: string;
  more?: string;
}

/** Radio buttons drawn as large segments. Nothing is chosen for the person unless `value` says so. */
export function Choice<T extends string>({
  label,
  hint,
  wrong,
  options,
  value,
  onValue,
  across,
}: FieldProps & { options: Option<T>[]; value: T | null; onValue: (value: T) => void; across?: boolean }) {
  const name = useId();
  return (
    <fieldset class={`field ${wrong ? "has-wrong" : ""}`} aria-describedby={hint ? `${name}-hint` : undefined}>
      <legend>{label}</legend>
      {hint && (
        <p class="hint" id={`${name}-hint`}>
          {hint}
        </p>
      )}
      {wrong && <Wrong>{wrong}</Wrong>}
      <div class={`choices ${across ? "across" : ""}`}>
        {options.map((option) => (
          <label key={option.value} class="choice">
            <input type="radio" name={name} checked={option.value === value} onChange={() => onValue(option.value)} />
            <span>
              {option.text}
              {option.more && <small class="quiet">{option.more}</small>}
            </span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}

/** A moment being typed: the day and the hour apart, as people here write them, on any browser in any language. */
export interface TypedMoment {
  day: string;
  time: string;
}

export const typedMoment = (moment: string | Date): TypedMoment => ({
  day: formatDate(moment),
  time: formatTime(moment),
});
export const readMoment = (typed: TypedMoment) => parseMoment(typed.day, typed.time);

export function MomentField({
  label,
  hint,
  wrong,
  value,
  onValue,
}: FieldProps & { value: TypedMoment; onValue: (value: TypedMoment) => void }) {
  const w = useWords();
  const id = useId();
  const [left, setLeft] = useState(false);
  const bad = wrong ?? (left && !readMoment(value) ? w.momentWrong : undefined);
  return (
    <fieldset class={`field ${bad ? "has-wrong" : ""}`} onFocusOut={() => setLeft(Boolean(value.day && value.time))}>
      <legend>{label}</legend>
      {hint && <p class="hint">{hint}</p>}
      {bad && <Wrong>{bad}</Wrong>}
      <div class="line">
        <span>
          <label class="unseen" for={`${id}-day`}>
            {label}: {w.day}
          </label>
          <input
            id={`${id}-day`}
            class="box short"
            inputMode="numeric"
            autoComplete="off"
            placeholder={w.dayShape}
            maxLength={10}
            value={value.day}
            onInput={(event) => onValue({ ...value, day: withSlashes(event.currentTarget.value, value.day) })}
          />
        </span>
        <span>
          <label class="unseen" for={`${id}-time`}>
            {label}: {w.time}
          </label>
          <input
            id={`${id}-time`}
            class="box"
            style={{ width: "6rem" }}
            inputMode="numeric"
            autoComplete="off"
            placeholder={w.timeShape}
            maxLength={5}
            value={value.time}
            onInput={(event) => onValue({ ...value, time: withColon(event.currentTarget.value, value.time) })}
          />
        </span>
      </div>
    </fieldset>
  );
}

/** A single day, typed the same way. */
export function DayField({
  value,
  onValue,
  ...rest
}: FieldProps & { value: string; onValue: (value: string) => void }) {
  const w = useWords();
  return (
    <TextField
      {...rest}
      short
      inputMode="numeric"
      autoComplete="off"
      placeholder={w.dayShape}
      maxLength={10}
      value={value}
      onValue={(typed) => onValue(withSlashes(typed, value))}
    />
  );
}

/** A phone's number pad has no slash: it is put in while typing, and never while deleting. */
function withSlashes(typed: string, before: string): string {
  if (typed.length < before.length) return typed;
  if (/^\d{2}$/.test(typed) || /^\d{2}\/\d{2}$/.test(typed)) return `${typed}/`;
  return typed.replace(/^(\d{2})(\d{1,2})$/, "$1/$2").replace(/^(\d{2}\/\d{2})(\d{1,4})$/, "$1/$2");
}

function withColon(typed: string, before: string): string {
  if (typed.length < before.length) return typed;
  return typed.replace(/^(\d{2})$/, "$1:").replace(/^(\d{2})(\d{1,2})$/, "$1:$2");
}
