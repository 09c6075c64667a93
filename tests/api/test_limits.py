"""Bounds that hold before a request is read, and a crowd that waits its turn."""

import threading

import pytest

from tests.cast import sign_in
from tests.factories import problem

API = "/api/v1"


def test_a_crowd_of_requests_waits_its_turn_and_every_one_is_answered(db, client, cast):
    sign_in(db, client, cast.member)
    answers = []

    def ask():
        answers.append(client.get(f"{API}/me").status_code)

    crowd = [threading.Thread(target=ask) for _ in range(150)]
    for each in crowd:
        each.start()
    for each in crowd:
        each.join()
    assert answers == [200] * 150


def test_a_body_that_is_no_upload_may_not_be_huge_or_of_unknown_length(client):
    problem(client.post(f"{API}/login", content=b" " * 3_000_000), 413, "body-too-large")
    problem(client.post(f"{API}/login", content=iter([b"{", b"}"])), 413, "body-too-large")


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_another_site_cannot_act_in_a_persons_name(db, client, cast, site):
    sign_in(db, client, cast.member)
    problem(client.post(f"{API}/logout", headers={"Sec-Fetch-Site": site}), 403, "cross-site")
    assert client.get(f"{API}/me").status_code == 200


@pytest.mark.parametrize(
    "path", ["/%00", "/" + "x" * 5000 + ".js", "/%2e%2e/%2e%2e/etc/passwd", "/assets/nothing.js", "/api/v1/nothing"]
)
def test_addresses_that_lead_nowhere_are_a_plain_404(client, path):
    response = client.get(path)
    assert response.status_code == 404 or (
        response.status_code == 200 and b"<!doctype html" in response.content.lower()
    )
    assert b"root:" not in response.content
