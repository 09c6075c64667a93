import { Field } from "../../parts/form";

/** In characters; the server has the last word on both. */
export const SHORTEST = 10;
const LONGEST = 500;

/** Room for a reason in a few sentences. */
export function ReasonBox({
  value,
  onValue,
  ...rest
}: {
  label: string;
  hint?: string;
  wrong?: string;
  value: string;
  onValue: (value: string) => void;
}) {
  return (
    <Field {...rest}>
      {(given) => (
        <textarea
          class="box"
          rows={3}
          maxLength={LONGEST}
          value={value}
          onInput={(event) => onValue(event.currentTarget.value)}
          {...given}
        />
      )}
    </Field>
  );
}
