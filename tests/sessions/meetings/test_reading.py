"""Every kind of meeting log, read to the same list of stays, or refused with a sentence that names the row."""

import re

import pytest

from sessions.errors import Invalid
from sessions.meetings import reading
from sessions.meetings.logs import LogDamaged, LogEmpty, NotAMeetingLog, RowUnreadable
from sessions.models import Platform
from tests.sessions.meetings import files
from tests.sessions.meetings.files import read, told

EN, PAO = "Lò Thị Én", "Giàng A Páo"


def seconds_of(log, name):
    (found,) = [each for each in reading.participants(log) if each.name == name]
    return sorted((stay.left - stay.joined) for stay in found.stays)


@pytest.mark.parametrize("text", [files.ZOOM, files.ZOOM_WITH_PREAMBLE], ids=["simple", "preamble"])
@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_a_zoom_report_gives_every_stay_of_everybody(text, encoding):
    log = read(text, encoding=encoding)
    assert log.platform == Platform.ZOOM
    assert [told(line)[1:] for line in log.lines] == [
        ("12/03 07:55:10", "12/03 09:00:10"),
        ("12/03 09:05:00", "12/03 11:00:00"),
        ("12/03 08:00:00", "12/03 11:02:00"),
    ]
    assert [(each.name, each.email) for each in reading.participants(log)] == [
        ("Lò Thị Én (Én)", "en@xa.example.vn"),
        ("Điểm cầu xã Nà Ui", None),
    ]


def test_a_zoom_report_of_totals_gives_minutes_without_times():
    log = read(files.ZOOM_TOTALS)
    assert [(line.name, line.email, line.joined, line.minutes) for line in log.lines] == [
        ("UBND xã 01 - Lò Thị Én", None, None, 116),
        (PAO, "pao@xa.example.vn", None, 45),
    ]


def test_a_webinar_report_has_its_hosts_and_attendees_and_tells_of_those_who_did_not_come():
    log = read(files.ZOOM_WEBINAR)
    assert [line.name for line in log.lines] == ["Điểm cầu tỉnh", EN]
    assert [(each.row, each.vi) for each in log.skipped] == [(11, "đăng ký nhưng không tham gia")]


def test_who_only_sat_in_the_waiting_room_was_not_there():
    text = "Name (original name),Email,Join time,Leave time,Duration (minutes),Guest,In waiting room\n" + "".join(
        f"{EN},,03/12/2026 08:0{n}:00 AM,03/12/2026 09:00:00 AM,5,Yes,{waiting}\n"
        for n, waiting in [(0, "Yes"), (5, "No")]
    )
    log = read(text)
    assert [told(line)[1] for line in log.lines] == ["12/03 08:05:00"]


def test_the_older_teams_list_pairs_comings_with_leavings():
    log = read(files.TEAMS_ACTIONS, encoding="utf-16")
    assert log.platform == Platform.TEAMS
    assert [told(line) for line in log.lines] == [
        (EN, "12/03 08:00:00", "12/03 08:40:00"),
        (EN, "12/03 08:45:00", ""),
        (PAO, "12/03 08:05:00", "12/03 10:05:00"),
    ]
    assert [each.row for each in log.skipped] == [7]
    # Without a leaving she was there until the last moment of the list, 10:05: 40 and 80 minutes.
    assert seconds_of(log, EN) == [40 * 60, 80 * 60]


@pytest.mark.parametrize(
    ("actions", "minutes"),
    [
        pytest.param("J0 L30 J40 L60", [30, 20], id="a reconnect"),
        pytest.param("J0 J10 L30", [30], id="the first leaving was lost, or a second device stayed silent"),
        pytest.param("J0 J10 L30 L50", [50], id="two devices, the second leaves last"),
        pytest.param("J0 L30 J40", [30, 20], id="still there when the list was saved at 60"),
        pytest.param("L10 J20 L50", [30], id="left without having joined"),
    ],
)
def test_single_actions_come_to_these_minutes(actions, minutes):
    rows = [("Joined" if each[0] == "J" else "Left", int(each[1:])) for each in actions.split()]
    lines = [f"{EN}\t{word}\t3/12/2026, 8:{minute:02}:00 AM" for word, minute in rows if minute < 60]
    lines += [f"{EN}\t{word}\t3/12/2026, 9:00:00 AM" for word, minute in rows if minute == 60]
    lines.append(f"{PAO}\tJoined\t3/12/2026, 9:00:00 AM")
    log = read("Full Name\tUser Action\tTimestamp\n" + "\n".join(lines) + "\n", encoding="utf-16")
    assert seconds_of(log, EN) == sorted(60 * each for each in minutes)


def test_a_teams_report_in_sections_is_read_from_its_single_stays():
    log = read(files.TEAMS_SECTIONS, encoding="utf-16")
    assert log.platform == Platform.TEAMS
    assert seconds_of(log, "Lò, Thị Én") == [3600, 5400]
    assert seconds_of(log, PAO) == [170 * 60]


def test_a_teams_report_in_german_with_dotted_dates():
    (line,) = read(files.TEAMS_GERMAN, encoding="utf-16").lines
    assert told(line) == (EN, "12/03 08:01:00", "12/03 09:00:00")
    assert (line.minutes, line.email) == (59, "en@xa.example.vn")


def test_a_teams_report_in_a_language_nobody_taught_us_is_read_by_what_its_cells_hold():
    text = files.TEAMS_SECTIONS.replace(
        "Name\tFirst join\tLast leave\tIn-meeting duration\tEmail", "Όνομα\tΠρώτη\tΤελευταία\tΔιάρκεια\tΤαχ"
    )
    text = text.partition("\n\n3.")[0].replace("2. Participants", "2. Συμμετέχοντες").replace("1. Summary", "1. Σύνοψη")
    text = text.replace("Start time\t12/03/26, 07:59:07\nEnd time\t12/03/26, 11:00:14\n", "")
    log = read(text + "\n", encoding="utf-16")
    assert [(line.email, line.minutes) for line in log.lines] == [("en@xa.example.vn", 150), ("pao@xa.example.vn", 170)]


def test_a_meet_report_has_names_in_two_columns_lengths_in_words_and_times_of_the_conference_day():
    log = read(files.MEET)
    assert log.platform == Platform.MEET
    assert [(*told(line), line.minutes) for line in log.lines] == [
        (EN, "12/03 08:08:00", "12/03 10:25:00", 86),
        (PAO, "12/03 08:15:00", "12/03 10:26:00", 24),
    ]


def test_a_meeting_over_midnight_ends_on_the_next_day():
    text = "First name,Last name,Email,Duration,Time joined,Time exited\nÉn,Lò Thị,,50 min,11:30 PM,12:20 AM\n"
    (line,) = read(text, "2026-03-12 23:00").lines
    assert told(line) == (EN, "12/03 23:30:00", "13/03 00:20:00")


@pytest.mark.parametrize("text", [files.BBB_EVENTS, files.DASHBOARD], ids=["events.xml", "dashboard"])
def test_bigbluebuttons_logs_put_one_account_that_joined_twice_together(text):
    log = read(text)
    assert log.platform == Platform.BIGBLUEBUTTON
    assert [told(line) for line in log.lines] == [
        (EN, "12/03 08:00:00", "12/03 08:10:00"),
        (EN, "12/03 08:15:00", "12/03 08:30:00"),
    ]
    assert seconds_of(log, EN) == [600, 900]


def test_an_old_recording_names_its_people_only_when_they_present():
    text = """<recording>
      <event timestamp="1773277200000" eventname="ParticipantJoinEvent"><userId>6</userId></event>
      <event timestamp="1773277201000" eventname="AssignPresenterEvent"><userid>6</userid><name>Én</name></event>
      <event timestamp="1773277260000" eventname="ParticipantLeftEvent"><userId>6</userId></event>
    </recording>"""
    (line,) = read(text).lines
    assert told(line) == ("Én", "12/03 08:00:00", "12/03 08:01:00")


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("03/12/2026 08:00 AM", "2026-03-12 08:00:00"),
        ("12/3/2026 8:00:05", "2026-03-12 08:00:05"),
        ("12/03/26, 08:00:00", "2026-03-12 08:00:00"),
        ("12.03.2026 08:00:00", "2026-03-12 08:00:00"),
        ("12-03-2026 08:00", "2026-03-12 08:00:00"),
        ("2026-03-12 08:00:00", "2026-03-12 08:00:00"),
        ("2026-03-12T01:00:00Z", "2026-03-12 08:00:00"),
        ("2026-03-12T08:00:00.123+07:00", "2026-03-12 08:00:00"),
        ("2026/3/12 上午8:00:00", "2026-03-12 08:00:00"),
        ("2026. 3. 12. 오후 1:00:00", "2026-03-12 13:00:00"),
        ("2026年3月12日 08:00", "2026-03-12 08:00:00"),
        ("3/12/2026, 8:00:00\u202fAM", "2026-03-12 08:00:00"),
        ("\u200e3/12/2026 8:00:00 PM", "2026-03-12 20:00:00"),
        ("12/03/2026 12:05 AM", "2026-03-12 00:05:00"),
        ("12/03/2026 12:05 PM", "2026-03-12 12:05:00"),
        ("12/03/2026 8:00:00 SA", "2026-03-12 08:00:00"),
        ("12/03/2026 1:30 CH", "2026-03-12 13:30:00"),
        ("08:00:00 12/03/2026", "2026-03-12 08:00:00"),
        ("12 thg 3, 2026 lúc 8:00", "2026-03-12 08:00:00"),
        ("8h15 12/03/2026", "2026-03-12 08:15:00"),
        ("Mar 12, 2026 8:00:00 AM", "2026-03-12 08:00:00"),
        ("12 mars 2026 à 08:00", "2026-03-12 08:00:00"),
        ("12. März 2026, 08:00 Uhr", "2026-03-12 08:00:00"),
        ("03/12/2026 01:00:00 AM UTC", "2026-03-12 08:00:00"),
        ("3/12/26, 8.00.00", "2026-03-12 08:00:00"),
        ("3/12/2026 9:00:00 AM GMT+8", "2026-03-12 08:00:00"),
    ],
)
def test_a_time_is_read_in_whatever_form_it_is_written(written, expected):
    text = f'Name (Original Name);Join Time;Leave Time;Duration (Minutes)\n{EN};"{written}";;5\n'
    (line,) = read(text, "2026-03-12 08:00").lines
    assert line.joined.astimezone(files.VIETNAM).replace(microsecond=0).isoformat(" ")[:19] == expected


@pytest.mark.parametrize(("day", "month"), [("2026-03-12 08:00", 3), ("2026-12-03 08:00", 12)])
def test_whether_the_day_or_the_month_comes_first_is_decided_by_the_day_of_the_conference(day, month):
    assert {line.joined.month for line in read(files.ZOOM, day).lines} == {month}


def test_a_day_above_twelve_in_one_row_decides_for_all():
    text = "Name (Original Name),Join Time,Leave Time,Duration (Minutes)\n" + "".join(
        f"Người {day},{day}/03/2026 08:00,{day}/03/2026 09:00,60\n" for day in ("04", "13")
    )
    # By the day of the conference alone, 04/03 would have been the third of April.
    assert [line.joined.month for line in read(text, "2026-04-03 08:00").lines] == [3, 3]


def test_a_zone_in_the_heading_holds_for_the_whole_column():
    text = files.ZOOM.replace("Join Time", "Join Time (UTC)").replace("07:55:10", "00:55:10")
    assert told(read(text).lines[0])[1] == "12/03 07:55:10"


def test_reports_in_other_languages_are_known_by_their_headings():
    headings = [
        "Nom (nom d'origine);Adresse e-mail;Heure d'arrivée;Heure de départ;Durée (minutes)",
        "Nombre (nombre original);Correo electrónico;Hora de entrada;Hora de salida;Duración (minutos)",
        "Nome (nome original);E-mail;Hora de entrada;Hora de saída;Duração (minutos)",
        "Имя (исходное имя);Электронная почта;Время входа;Время выхода;Продолжительность (минуты)",
        "名称（原始名称）;用户电子邮件;加入时间;离开时间;时长（分钟）",
        "이름(원래 이름);사용자 이메일;참가 시간;나간 시간;기간(분)",
    ]
    for heading in headings:
        (line,) = read(f"{heading}\n{EN};en@x.vn;12/03/2026 08:00;12/03/2026 09:00;60\n").lines
        assert (told(line), line.email, line.minutes) == ((EN, "12/03 08:00:00", "12/03 09:00:00"), "en@x.vn", 60)


@pytest.mark.parametrize(
    ("text", "error", "row"),
    [
        pytest.param(files.ZOOM.replace("03/12/2026 09:05:00 AM", "gestern"), RowUnreadable, 3, id="no time"),
        pytest.param(
            files.ZOOM.replace("03/12/2026 09:05:00 AM", "31/02/2026 09:05"), RowUnreadable, 3, id="no such day"
        ),
        pytest.param(
            files.ZOOM.replace("03/12/2026 09:05:00 AM", "13/03/2026 09:05"), RowUnreadable, 3, id="two orders"
        ),
        pytest.param(
            files.ZOOM.replace("03/12/2026 11:00:00 AM", "03/12/2026 08:00:00 AM"), RowUnreadable, 3, id="backwards"
        ),
        pytest.param(files.ZOOM.replace(",115,", ",lâu,"), RowUnreadable, 3, id="no length"),
        pytest.param(files.ZOOM + "Vàng Thị", RowUnreadable, 5, id="cut off in the last row"),
        pytest.param(
            files.TEAMS_ACTIONS.replace("Giàng A Páo\tLeft", "Giàng A Páo\tHét"), RowUnreadable, 6, id="no action"
        ),
        pytest.param(files.BBB_EVENTS[:700], LogDamaged, 12, id="events.xml cut off"),
        pytest.param("<!DOCTYPE a [<!ENTITY b 'c'>]><recording/>", LogDamaged, 1, id="entities"),
        pytest.param(files.DASHBOARD[:100], LogDamaged, 2, id="dashboard cut off"),
        pytest.param(files.BBB_EVENTS.replace("<name>Lò Thị Én</name>", ""), RowUnreadable, 3, id="nobody has a name"),
    ],
)
def test_what_is_wrong_is_refused_with_a_sentence_that_names_the_row(text, error, row):
    with pytest.raises(error) as refused:
        read(text)
    for language in ("vi", "en"):
        assert str(row) in re.findall(r"\d+", refused.value.sentence(language))


@pytest.mark.parametrize(
    ("text", "error"),
    [
        pytest.param("STT;Họ và tên;Đơn vị;Chức vụ\n1;Lò Thị Én;UBND xã 1;Công chức\n", NotAMeetingLog, id="a roster"),
        pytest.param("roll_number,name\nCS-21-001,Lò Én\n", NotAMeetingLog, id="a class list"),
        pytest.param("08:59:02 From  Én  to  Everyone:\n\tXin chào\n", NotAMeetingLog, id="a chat"),
        pytest.param("<?xml version='1.0'?><error></error>", NotAMeetingLog, id="other XML"),
        pytest.param('{"a": 1}', NotAMeetingLog, id="other JSON"),
        pytest.param("", LogEmpty, id="an empty file"),
        pytest.param(files.ZOOM.splitlines()[0] + "\n", LogEmpty, id="a header alone"),
        pytest.param("<recording meeting_id='a-1'><meeting/></recording>", LogEmpty, id="no events"),
        pytest.param('{"users": {}}', LogEmpty, id="no users"),
    ],
)
def test_what_is_no_meeting_log_is_told_from_a_damaged_one(text, error):
    with pytest.raises(error) as refused:
        read(text)
    assert "{" not in refused.value.sentence("vi")


@pytest.mark.parametrize("text", [files.ZOOM, files.TEAMS_SECTIONS, files.MEET, files.BBB_EVENTS, files.DASHBOARD])
def test_a_log_cut_off_anywhere_is_read_or_refused_and_nothing_else(text):
    data = text.encode()
    for end in range(0, len(data), 7):
        try:
            read(data[:end])
        except Invalid as refused:
            assert refused.sentence("vi")  # noqa: PT017 - Either is right; an error of any other kind is not.
