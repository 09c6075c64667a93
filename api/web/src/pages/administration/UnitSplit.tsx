import { useState } from "preact/hooks";
import { useResource } from "../../api/resource";
import type { Unit } from "../../api/types";
import { useWords } from "../../i18n";
import { unitTree } from "../../i18n/vi/units";
import { Field, TextField } from "../../parts/form";
import { Button, Failure } from "../../parts/show";
import { useDatedChange } from "./UnitChanges";

interface Piece {
  name: string;
  code: string;
}

/** One unit becomes several, each with some of the units below it. */
export function SplitUnit({ unit, onDone }: { unit: Unit; onDone: () => void }) {
  const w = useWords(unitTree);
  const [pieces, setPieces] = useState<Piece[]>([
    { name: unit.name, code: unit.code ?? "" },
    { name: "", code: "" },
  ]);
  // By the child's key the place of its piece; the first one where nothing is said.
  const [given, setGiven] = useState<Record<string, number>>({});
  const below = useResource("/units", { query: { parent_id: unit.id } });
  const change = useDatedChange(onDone);
  const alter = (at: number, more: Partial<Piece>) =>
    setPieces(pieces.map((piece, i) => (i === at ? { ...piece, ...more } : piece)));
  const remove = (at: number) => {
    setPieces(pieces.filter((_, i) => i !== at));
    setGiven({});
  };
  const onSubmit = (event: Event) => {
    event.preventDefault();
    const asked = pieces.map((piece, at) => ({
      name: piece.name.trim(),
      code: piece.code.trim() || null,
      child_ids: at === 0 ? [] : Object.keys(given).filter((child) => given[child] === at),
    }));
    void change.send(`/units/${unit.id}/split`, { pieces: asked });
  };
  return (
    <form noValidate class="card stack" onSubmit={onSubmit}>
      <Failure error={change.action.error} />
      <p class="quiet">{w.tree.mainPiece}</p>
      {pieces.map((piece, at) => (
        <div key={at} class="stack tight">
          <TextField
            label={w.tree.piece(at + 1)}
            required
            maxLength={200}
            wrong={change.action.fieldError(`pieces.${at}.name`)}
            value={piece.name}
            onValue={(name) => alter(at, { name })}
          />
          <TextField
            label={w.tree.code}
            short
            maxLength={40}
            value={piece.code}
            onValue={(code) => alter(at, { code })}
          />
          {pieces.length > 2 && (
            <div>
              <Button kind="plain" icon="trash" onClick={() => remove(at)}>
                {w.tree.removePiece(at + 1)}
              </Button>
            </div>
          )}
        </div>
      ))}
      <div>
        <Button kind="second" icon="plus" onClick={() => setPieces([...pieces, { name: "", code: "" }])}>
          {w.tree.addPiece}
        </Button>
      </div>
      {below.data && below.data.length > 0 && (
        <fieldset class="field stack tight">
          <legend>{w.tree.children}</legend>
          {below.data.map((child) => (
            <Field key={child.id} label={w.tree.goesTo(child.name)}>
              {(tied) => (
                <select
                  class="box"
                  value={String(given[child.id] ?? 0)}
                  onChange={(event) => setGiven({ ...given, [child.id]: Number(event.currentTarget.value) })}
                  {...tied}
                >
                  {pieces.map((piece, at) => (
                    <option key={at} value={String(at)}>
                      {piece.name || w.tree.piece(at + 1)}
                    </option>
                  ))}
                </select>
              )}
            </Field>
          ))}
        </fieldset>
      )}
      {change.dayField}
      {change.button}
    </form>
  );
}
