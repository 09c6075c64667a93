from base64 import b64encode
from datetime import timedelta

import pytest

from tests import factories
from tests.cast import sign_in
from tests.factories import problem

LIST = "Đơn vị,Điểm cầu,Số chỗ\nLai Châu,Hội trường tỉnh,300\nSìn Hồ,Hội trường xã,80\nKhông Có,Phòng,\n"


@pytest.fixture
def session(db, cast):
    opened = factories.open_session(db, cast, starts_in=timedelta(hours=2))
    db.commit()
    return opened


def as_file(text):
    return {"source": "file", "content": b64encode(text.encode()).decode()}


def test_a_list_is_looked_at_then_added_and_relayed_over_http(client, db, cast, session):
    sign_in(db, client, cast.staff)
    path = f"/api/v1/sessions/{session.id}"
    plan = client.post(f"{path}/points/plan", json=as_file(LIST)).json()
    assert (plan["total"], plan["adds"], plan["counts"]) == (3, 2, {"registered": 2, "unit-unknown": 1})
    assert (plan["entries"][0]["row"], plan["entries"][0]["fate"]) == (4, "unit-unknown")
    assert client.get(f"{path}/points").json()["total"] == 0
    assert client.post(f"{path}/points/list", json=as_file(LIST)).json() == {"added": 2}
    assert client.post(f"{path}/points/list", json=as_file(LIST)).json() == {"added": 0}
    assert client.post(f"{path}/relays", json={}).json() == {"changed": 1}
    hubs = client.get(f"{path}/relays").json()
    assert [(hub["name"], hub["reaches"]) for hub in hubs] == [(None, 1), ("Hội trường tỉnh", 1)]
    rooms = {"source": "unit", "unit_id": str(cast.province.id)}
    assert client.post(f"{path}/points/plan", json=rooms).json()["counts"] == {"already": 2}


def test_a_list_that_cannot_be_is_refused(client, db, cast, session):
    path = f"/api/v1/sessions/{session.id}/points/plan"
    sign_in(db, client, cast.member)
    problem(client.post(path, json={"source": "last"}), 403, "not-allowed")
    sign_in(db, client, cast.staff)
    problem(client.post(path, json={"source": "last"}), 404, "no-conference-before")
    problem(client.post(path, json={"source": "unit"}), 422, "list-incomplete")
    problem(client.post(path, json=as_file("Tên,Tuổi\nMai,30\n")), 422, "header-missing")
    problem(client.post(path, json=as_file("Đơn vị,Điểm cầu\nSìn Hồ,TUYỆT MẬT\n")), 422, "marked-words")


def test_a_room_says_what_it_is_reached_by(client, db, cast):
    sign_in(db, client, cast.technician)
    reached = {"measured_mbits": 48, "backup_line": "4G", "video_address": "sip:sinho@lc", "phone": "0213 1"}
    asked = {"unit_id": str(cast.commune.id), "name": "Hội trường", "address": "Bản 1", **reached}
    room = client.post("/api/v1/connection-points", json=asked).json()
    assert {name: room[name] for name in reached} == reached
