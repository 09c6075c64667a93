import { useEffect, useRef } from "preact/hooks";
import { askBeforeLeaving } from "../router";

/** Asks before a page with unsaved work is left: by a link, by the browser's back and forward, or by closing it. */
export function useLeaveGuard(unsaved: boolean, question: string): void {
  const newest = useRef({ unsaved, question });
  newest.current = { unsaved, question };
  useEffect(() => {
    const onUnload = (event: BeforeUnloadEvent) => {
      if (!newest.current.unsaved) return;
      // The browser asks in words of its own; those before 2023 do so only for a value.
      event.preventDefault();
      event.returnValue = "unsaved";
    };
    const forget = askBeforeLeaving(() => !newest.current.unsaved || confirm(newest.current.question));
    addEventListener("beforeunload", onUnload);
    return () => {
      forget();
      removeEventListener("beforeunload", onUnload);
    };
  }, []);
}
