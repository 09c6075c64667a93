import { useWords } from "../i18n";
import { Page } from "../parts/page";

export function NotFound() {
  const w = useWords();
  return (
    <Page title={w.notFound.title} narrow>
      <p>{w.notFound.text}</p>
      <p>
        <a class="button" href="/">
          {w.notFound.home}
        </a>
      </p>
    </Page>
  );
}
