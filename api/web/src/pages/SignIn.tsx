import { useState } from "preact/hooks";
import { useAction } from "../api/action";
import { useWords } from "../i18n";
import { wipeSeen } from "../kept/seen";
import { signIn } from "../login";
import { TextField } from "../parts/form";
import { Page } from "../parts/page";
import { Button, Failure } from "../parts/show";
import { lookAfterKept } from "../waiting";

/** Shown at any address while nobody is signed in; the address stays, so the person arrives where they wanted to go. */
export function SignIn() {
  const w = useWords();
  const [username, setUsername] = useState("");
  const [password, setPassword] = useState("");
  const [seen, setSeen] = useState(false);
  const action = useAction();
  const onSubmit = (event: Event) => {
    event.preventDefault();
    void action.run(async () => {
      // Whoever used this device before may have left without signing out.
      await wipeSeen();
      await signIn(username.trim(), password);
      lookAfterKept();
    });
  };
  return (
    <Page title={w.signIn.title} lead={w.signIn.lead} narrow>
      <form noValidate class="stack card" onSubmit={onSubmit}>
        <Failure error={action.error} />
        <TextField
          label={w.signIn.username}
          name="username"
          autoComplete="username"
          autoCapitalize="none"
          spellcheck={false}
          required
          value={username}
          onValue={setUsername}
        />
        <TextField
          label={w.signIn.password}
          name="password"
          type={seen ? "text" : "password"}
          autoComplete="current-password"
          required
          value={password}
          onValue={setPassword}
        />
        <label class="choice">
          <input type="checkbox" checked={seen} onChange={(event) => setSeen(event.currentTarget.checked)} />
          <span>{w.signIn.show}</span>
        </label>
        <Button type="submit" kind="big" icon="door" busy={action.busy}>
          {w.signIn.submit}
        </Button>
        <p class="quiet small">{w.signIn.help}</p>
      </form>
    </Page>
  );
}
