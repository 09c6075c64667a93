"""What stands before every route: other sites' requests, hardened answers, and figures of all that was answered."""

import pytest

from tests.cast import sign_in

API = "/api/v1"


@pytest.mark.parametrize(
    ("site", "status"), [("cross-site", 403), ("same-site", 403), ("same-origin", 204), ("none", 204), (None, 204)]
)
def test_another_site_may_change_nothing_in_a_persons_name(db, client, cast, site, status):
    member = sign_in(db, client, cast.member)
    headers = {"Sec-Fetch-Site": site} if site else {}
    assert member.post(f"{API}/logout", headers=headers).status_code == status
    assert member.get(f"{API}/me", headers=headers).status_code == (401 if status == 204 else 200)


def test_every_answer_is_hardened_and_none_of_the_interface_is_kept(client):
    answer = client.get(f"{API}/me")
    assert answer.status_code == 401
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "same-origin"
    assert "default-src 'self'" in answer.headers["content-security-policy"]
    assert answer.headers["cache-control"] == "no-store"


def test_answers_are_counted_by_route_and_never_by_what_they_are_about(client):
    before = _count(client)
    client.get(f"{API}/viewings/00000000-0000-0000-0000-000000000000/texts")
    assert _count(client) == before + 1
    assert "00000000-0000" not in client.get("/metrics").text


def _count(client) -> float:
    """How many have been turned away here; other tests of this process were counted, too."""
    lines = client.get("/metrics").text.splitlines()
    of_route = [
        line for line in lines if line.startswith("diemcau_http_requests_total") and "{viewing_id}/texts" in line
    ]
    return sum(float(line.split()[-1]) for line in of_route if 'method="GET"' in line and 'status="401"' in line)
