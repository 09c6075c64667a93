import { useId } from "preact/hooks";
import { useWords } from "../../i18n";
import { technician } from "../../i18n/vi/technician";
import { Icon } from "../../parts/icons";
import "./technician.css";

/** More than any headcount has: cutting a slip of the thumb short would make a believable number of it. */
const MOST_DIGITS = 8;

/** Large keys for a thumb; a real keyboard types into the box just as well. */
export function NumberPad({
  label,
  digits,
  onDigits,
}: {
  label: string;
  digits: string;
  onDigits: (digits: string) => void;
}) {
  const w = useWords(technician);
  const id = useId();
  const put = (next: string) =>
    onDigits(
      next
        .replace(/\D/g, "")
        .replace(/^0+(?=\d)/, "")
        .slice(0, MOST_DIGITS),
    );
  return (
    <div class="pad">
      <label for={id}>{label}</label>
      <input
        id={id}
        class="pad-number number"
        inputMode="none"
        autoComplete="off"
        placeholder="0"
        value={digits}
        onInput={(event) => put(event.currentTarget.value)}
      />
      <div class="pad-keys">
        {["1", "2", "3", "4", "5", "6", "7", "8", "9"].map((digit) => (
          <button key={digit} type="button" onClick={() => put(digits + digit)}>
            {digit}
          </button>
        ))}
        <button type="button" class="word" onClick={() => put("")}>
          {w.count.clear}
        </button>
        <button type="button" onClick={() => put(`${digits}0`)}>
          0
        </button>
        <button type="button" class="word" onClick={() => put(digits.slice(0, -1))}>
          <Icon name="backspace" />
          {w.count.erase}
        </button>
      </div>
    </div>
  );
}
