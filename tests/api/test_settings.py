import pytest

from api.settings import ApiSettings


@pytest.mark.parametrize(
    ("host", "alone", "address"),
    [
        pytest.param("127.0.0.1", True, "http://127.0.0.1:8000", id="loopback"),
        pytest.param("127.0.0.5", True, "http://127.0.0.5:8000", id="another loopback"),
        pytest.param("::1", True, "http://[::1]:8000", id="loopback of IPv6"),
        pytest.param("localhost", True, "http://localhost:8000", id="by name"),
        pytest.param("0.0.0.0", False, "http://127.0.0.1:8000", id="everywhere"),
        pytest.param("::", False, "http://[::1]:8000", id="everywhere in IPv6"),
        pytest.param("10.0.0.7", False, "http://10.0.0.7:8000", id="an address in a network"),
        pytest.param("may-chu.example.vn", False, "http://may-chu.example.vn:8000", id="a name"),
    ],
)
def test_knows_who_can_reach_the_site_and_where(host: str, alone: bool, address: str) -> None:
    desk = ApiSettings(host=host, port=8000)
    assert desk.is_loopback is alone
    assert desk.address == address


def test_cookies_are_secure_exactly_behind_https_unless_told_otherwise() -> None:
    assert not ApiSettings().sends_secure_cookies
    assert ApiSettings(public_url="https://diemcau.example.vn/").sends_secure_cookies
    assert ApiSettings(public_url="https://diemcau.example.vn/").address == "https://diemcau.example.vn"
    assert not ApiSettings(public_url="https://diemcau.example.vn", cookie_secure=False).sends_secure_cookies


def test_an_empty_variable_is_no_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("PORT", "COOKIE_SECURE", "POSTGRES_BIN"):
        monkeypatch.setenv(f"DIEMCAU_{name}", "")
    desk = ApiSettings()
    assert (desk.port, desk.cookie_secure, desk.postgres_bin) == (8000, None, None)
    assert "port" not in desk.model_fields_set
