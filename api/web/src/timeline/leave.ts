import { useEffect, useRef } from "preact/hooks";

/** Asks before a page with unsaved work is left: by closing it, by a link, or by the browser's own back and forward. */
export function useLeaveGuard(unsaved: boolean, question: string): void {
  const newest = useRef({ unsaved, question });
  newest.current = { unsaved, question };
  useEffect(() => {
    const here = location.pathname + location.search;
    const stays = () => newest.current.unsaved && !confirm(newest.current.question);
    const onUnload = (event: BeforeUnloadEvent) => {
      if (newest.current.unsaved) event.preventDefault();
    };
    const onClick = (event: MouseEvent) => {
      const link = (event.target as Element | null)?.closest?.("a[href]");
      if (!link || link.hasAttribute("download") || link.getAttribute("href")?.startsWith("#")) return;
      if (stays()) event.preventDefault();
    };
    const onHistory = (event: PopStateEvent) => {
      if (location.pathname + location.search === here || !stays()) return;
      // The address has changed already. The router must not hear of it, and it goes back to what it was.
      event.stopImmediatePropagation();
      history.pushState(null, "", here);
    };
    addEventListener("beforeunload", onUnload);
    // On the way down, before the router's own listeners take the link or the address for their own.
    document.addEventListener("click", onClick, true);
    addEventListener("popstate", onHistory, true);
    return () => {
      removeEventListener("beforeunload", onUnload);
      document.removeEventListener("click", onClick, true);
      removeEventListener("popstate", onHistory, true);
    };
  }, []);
}
