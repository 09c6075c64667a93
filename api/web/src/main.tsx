import { render } from "preact";
import { App } from "./app";
import { chooseRemembered } from "./i18n";
import { startDelivering } from "./waiting";
import "./styles/base.css";

const root = document.getElementById("app");
if (!root) throw new Error("The page has no place to draw in.");

void chooseRemembered().then(() => {
  root.replaceChildren();
  render(<App />, root);
  startDelivering();
});

// The shell is kept for the next start without a link. It is fetched after the page is there, never before.
if ("serviceWorker" in navigator && import.meta.env.PROD) {
  addEventListener("load", () => void navigator.serviceWorker.register("/sw.js").catch(console.warn));
}
