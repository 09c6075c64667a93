import { useCallback, useState } from "preact/hooks";
import { logSurprise, Problem } from "./client";
import type { FieldProblem } from "./types";

export interface Action {
  busy: boolean;
  error: unknown;
  /** The server's sentence for one field of the form, if it has one. */
  fieldError: (name: string) => string | undefined;
  /** Runs one change at a time; resolves to whether it worked. */
  run: (work: () => Promise<unknown>) => Promise<boolean>;
  fail: (error: unknown) => void;
}

/** One change a person asks for: busy while it runs, and its refusal in words when it does not work. */
export function useAction(): Action {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const run = useCallback(async (work: () => Promise<unknown>) => {
    setBusy(true);
    setError(null);
    try {
      await work();
      return true;
    } catch (thrown) {
      logSurprise(thrown);
      setError(thrown);
      return false;
    } finally {
      setBusy(false);
    }
  }, []);
  const fields: FieldProblem[] = error instanceof Problem ? error.fields : [];
  return {
    busy,
    error,
    fieldError: (name) => fields.find((problem) => problem.field === name)?.detail,
    run,
    fail: setError,
  };
}
