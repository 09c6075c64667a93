import { useState } from "preact/hooks";
import { useResource } from "../../api/resource";
import type { PageProps } from "../../app";
import { formatMoment } from "../../format";
import { useWords } from "../../i18n";
import { review } from "../../i18n/vi/review";
import { staff } from "../../i18n/vi/staff";
import { unitsOf, useMe } from "../../login";
import { CalledOff } from "../../parts/calledOff";
import { Choice } from "../../parts/form";
import { Icon } from "../../parts/icons";
import { CreditTag } from "../../parts/labels";
import { More } from "../../parts/more";
import { Page } from "../../parts/page";
import { Empty, Show } from "../../parts/show";
import { useAddress } from "../../router";

type Wanted = "missing" | "credited" | "all";

/** The people of a unit and whether each has attendance. Those who lack it come first: they are whom one calls. */
export function CreditPeople({ id }: PageProps) {
  const w = useWords(staff, review);
  const asked = useAddress().query.get("don_vi");
  const unitId = asked ?? unitsOf(useMe(), "staff", "administrator")[0]?.id ?? "";
  const [state, setState] = useState<Wanted>("missing");
  const [limit, setLimit] = useState(50);
  const people = useResource(`/sessions/${id}/credits`, {
    query: { unit_id: unitId, state, limit },
  });
  const session = useResource(`/sessions/${id}`);
  const unit = useResource(unitId ? `/units/${unitId}` : null);
  const back = asked ? `/can-bo/${id}?don_vi=${asked}` : `/can-bo/${id}`;
  return (
    <Page
      title={w.creditPeople.title}
      lead={unit.data && session.data && `${unit.data.name} · ${session.data.title}`}
      back={{ to: back, text: w.participation.title }}
    >
      {session.data && <CalledOff session={session.data} figures />}
      <Choice
        across
        label={w.creditPeople.which}
        value={state}
        onValue={setState}
        options={[
          { value: "missing", text: w.creditPeople.missing },
          { value: "credited", text: w.creditPeople.credited },
          { value: "all", text: w.creditPeople.all },
        ]}
      />
      <Show of={people}>
        {({ items, total, more_than }) =>
          items.length === 0 ? (
            <Empty title={state === "missing" ? w.creditPeople.noneMissing : w.nothingFound} />
          ) : (
            <>
              <ul class="rows">
                {items.map((line) => (
                  <li key={line.person.id}>
                    <a href={`/can-bo/${id}/nguoi/${line.person.id}`}>
                      <div class="grow stack tight">
                        <span class="title">{line.person.full_name}</span>
                        <span class="quiet small">
                          {line.person.unit.name}
                          {line.person.member_number && ` · ${w.memberNumber(line.person.member_number)}`}
                          {line.granted_at && ` · ${formatMoment(line.granted_at)}`}
                        </span>
                      </div>
                      <CreditTag credited={line.credited} basis={line.basis} />
                      <Icon name="forward" />
                    </a>
                  </li>
                ))}
              </ul>
              <More shown={items.length} total={total} moreThan={more_than} onMore={() => setLimit(limit + 100)} />
            </>
          )
        }
      </Show>
    </Page>
  );
}
