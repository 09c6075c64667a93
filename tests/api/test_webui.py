"""The pages of the web UI, as far as the server is asked for them: by people, and by what watches whether it is up."""

import pytest


@pytest.mark.parametrize("path", ["/", "/hoi-nghi", "/manifest.webmanifest"])
def test_a_page_is_there_for_whoever_only_asks_whether_it_is(client, path):
    asked, got = client.head(path), client.get(path)
    assert (asked.status_code, asked.content) == (200, b"")
    assert asked.headers["content-type"] == got.headers["content-type"]


def test_what_is_no_page_is_not_there_either(client):
    assert client.head("/api/v1/nothing").status_code == 404
    assert client.head("/assets/nothing.js").status_code == 404
