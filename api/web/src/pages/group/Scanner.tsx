import { useEffect, useRef, useState } from "preact/hooks";
import { useWords } from "../../i18n";
import { room as roomWords } from "../../i18n/vi/room";
import { Button, Notice } from "../../parts/show";

interface Detector {
  detect(source: HTMLVideoElement): Promise<{ rawValue: string }[]>;
}
type DetectorMaker = new (given: { formats: string[] }) => Detector;

const maker = () => (globalThis as { BarcodeDetector?: DetectorMaker }).BarcodeDetector;
const LOOK_MS = 300;

/** Android's Chromium reads codes by itself; elsewhere the phone's own camera app does, and opens the page. */
export const canScan = () => maker() !== undefined && navigator.mediaDevices !== undefined;

/** Looks through the camera for a code in which `read` finds what is wanted, until there is one. */
export function Scanner({
  read,
  onCode,
  onStop,
}: {
  read: (text: string) => string | null;
  onCode: (code: string) => void;
  onStop: () => void;
}) {
  const w = useWords(roomWords);
  const view = useRef<HTMLVideoElement>(null);
  const [failed, setFailed] = useState(false);
  useEffect(() => {
    let stopped = false;
    let stream: MediaStream | null = null;
    const run = async () => {
      const Maker = maker();
      const video = view.current;
      if (!Maker || !video) return;
      stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
      if (stopped) return release(stream);
      video.srcObject = stream;
      await video.play();
      const detector = new Maker({ formats: ["qr_code"] });
      while (!stopped) {
        const code = (await detector.detect(video)).map((each) => read(each.rawValue)).find(Boolean);
        if (code) return onCode(code);
        await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
      }
    };
    run().catch(() => setFailed(true));
    return () => {
      stopped = true;
      if (stream) release(stream);
    };
  }, []);
  return (
    <div class="stack tight">
      {failed ? (
        <Notice tone="warn">{w.enter.noCamera}</Notice>
      ) : (
        <>
          <p>{w.enter.scanning}</p>
          <video class="scanner" ref={view} playsInline muted aria-label={w.enter.scanning} />
        </>
      )}
      <Button kind="plain" onClick={onStop}>
        {w.enter.stopScan}
      </Button>
    </div>
  );
}

function release(stream: MediaStream): void {
  for (const track of stream.getTracks()) track.stop();
}

/** The digits in the address that a room's QR code holds; null for any other code. */
export function codeOf(text: string, room: string): string | null {
  const query = URL.canParse?.(text) ? new URL(text).searchParams : null;
  return query?.get("phong") === room ? query.get("ma") : null;
}
