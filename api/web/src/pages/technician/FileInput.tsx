import { useId } from "preact/hooks";
import { Icon } from "../../parts/icons";
import { type Chosen, canPick, pick } from "../../uploads/handles";

interface FileInputProps {
  /** On the button. */
  label: string;
  /** For those who hear the page, where the label alone would not tell it from others. */
  name?: string;
  accept?: string;
  id?: string;
  onChosen: (chosen: Chosen) => void;
}

/**
 * A button that lets a person choose a file. The browser's own file box speaks the browser's language; ours speaks the
 * reader's. Where the browser can keep hold of a file, the file is asked for in the way that does.
 */
export function FileInput({ label, name, onChosen, ...given }: FileInputProps) {
  const own = useId();
  const id = given.id ?? own;
  const onClick = (event: Event) => {
    if (!canPick()) return;
    event.preventDefault();
    void pick().then((chosen) => chosen && onChosen(chosen));
  };
  const onChange = ({ currentTarget }: { currentTarget: HTMLInputElement }) => {
    const file = currentTarget.files?.[0];
    if (file) onChosen({ file, handle: null });
  };
  return (
    <>
      <input class="unseen" type="file" aria-label={name} {...given} id={id} onClick={onClick} onChange={onChange} />
      <label class="button second" for={id}>
        <Icon name="file" />
        {label}
      </label>
    </>
  );
}
