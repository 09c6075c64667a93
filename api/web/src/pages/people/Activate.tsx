import { useEffect, useState } from "preact/hooks";
import { useAction } from "../../api/action";
import { post } from "../../api/client";
import type { SlipOwner } from "../../api/types";
import { useWords } from "../../i18n";
import { people } from "../../i18n/vi/people";
import { wipeSeen } from "../../kept/seen";
import { setMe, useMe } from "../../login";
import { TextField } from "../../parts/form";
import { Page } from "../../parts/page";
import { Button, Failure, Notice } from "../../parts/show";
import { go } from "../../router";

/** The code stands behind the # of the address, which no server and no log in between ever sees. */
const scanned = () => decodeURIComponent(location.hash.slice(1));

/** For who holds a slip of paper: whose it is, then a PIN or password of their own. */
export function Activate() {
  const w = useWords(people);
  const me = useMe();
  const [code, setCode] = useState(scanned);
  const [owner, setOwner] = useState<SlipOwner | null>(null);
  const looking = useAction();
  const look = (typed: string) =>
    void looking.run(async () => setOwner(await post("/activation/slip", { code: typed.trim() })));
  useEffect(() => {
    if (code) look(code);
  }, []);
  if (owner) return <Choose owner={owner} code={code.trim()} />;
  return (
    <Page title={w.activate.title} lead={w.activate.lead} narrow>
      {me && <Notice tone="warn">{w.activate.signedIn(me.person.full_name)}</Notice>}
      <form
        noValidate
        class="card stack"
        onSubmit={(event) => {
          event.preventDefault();
          look(code);
        }}
      >
        <Failure error={looking.error} />
        <TextField
          label={w.activate.code}
          autoComplete="off"
          autoCapitalize="none"
          spellcheck={false}
          maxLength={40}
          required
          value={code}
          onValue={setCode}
        />
        <Button type="submit" kind="big" busy={looking.busy} disabled={!code.trim()}>
          {w.activate.look}
        </Button>
      </form>
    </Page>
  );
}

function Choose({ owner, code }: { owner: SlipOwner; code: string }) {
  const w = useWords(people);
  const [secret, setSecret] = useState("");
  const [again, setAgain] = useState("");
  const [differs, setDiffers] = useState(false);
  const action = useAction();
  const onSubmit = (event: Event) => {
    event.preventDefault();
    setDiffers(secret !== again);
    if (secret !== again) return;
    void action.run(async () => {
      // Whoever used this device before may have left things on it.
      await wipeSeen();
      setMe(await post("/activation", { code, secret }));
      go("/", true);
    });
  };
  return (
    <Page title={w.activate.greeting(owner.full_name)} lead={owner.unit.name} narrow>
      <form noValidate class="card stack" onSubmit={onSubmit}>
        <Failure error={action.error} />
        <dl class="facts">
          <dt>{w.activate.username}</dt>
          <dd>
            <strong>{owner.username}</strong>
          </dd>
        </dl>
        <TextField
          label={w.activate.secret}
          hint={w.activate.hint}
          type="password"
          autoComplete="new-password"
          maxLength={200}
          required
          value={secret}
          onValue={setSecret}
        />
        <TextField
          label={w.activate.again}
          type="password"
          autoComplete="new-password"
          maxLength={200}
          required
          wrong={differs ? w.activate.differs : undefined}
          value={again}
          onValue={setAgain}
        />
        <Button type="submit" kind="big" icon="door" busy={action.busy}>
          {w.activate.submit}
        </Button>
        <p class="quiet small">{w.activate.notYou}</p>
      </form>
    </Page>
  );
}
