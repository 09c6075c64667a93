"""Meeting logs as the platforms write them, made for the tests; the people are invented."""

from datetime import datetime, timedelta

from sessions.clock import VIETNAM
from sessions.meetings import reading
from sessions.meetings.logs import Line, Log
from sessions.meetings.moments import Frame


def frame(day: str = "2026-03-12 08:00", hours: float = 3) -> Frame:
    starts_at = datetime.fromisoformat(day).replace(tzinfo=VIETNAM)
    return Frame(starts_at, starts_at + timedelta(hours=hours), VIETNAM)


def read(text: str | bytes, day: str = "2026-03-12 08:00", *, encoding: str = "utf-8", hours: float = 3) -> Log:
    data = text.encode(encoding) if isinstance(text, str) else text
    return reading.read(data, frame(day, hours))


def told(line: Line) -> tuple[str, str, str]:
    """Name, time of joining and of leaving, as clocks in Vietnam showed them."""
    joined, left = (
        moment.astimezone(VIETNAM).strftime("%d/%m %H:%M:%S") if moment else "" for moment in (line.joined, line.left)
    )
    return line.name, joined, left


ZOOM = """\
Name (Original Name),User Email,Join Time,Leave Time,Duration (Minutes),Guest,Recording Consent
Lò Thị Én (Én),en@xa.example.vn,03/12/2026 07:55:10 AM,03/12/2026 09:00:10 AM,65,Yes,Y
Lò Thị Én (Én),en@xa.example.vn,03/12/2026 09:05:00 AM,03/12/2026 11:00:00 AM,115,Yes,NA
Điểm cầu xã Nà Ui,,03/12/2026 08:00:00 AM,03/12/2026 11:02:00 AM,182,No,Y
"""

ZOOM_WITH_PREAMBLE = f"""\
Meeting ID,Topic,Start Time,End Time,User Email,Duration (Minutes),Participants
81234567890,Học tập nghị quyết,03/12/2026 08:00:00 AM,03/12/2026 11:02:00 AM,tinh@x.example.vn,182,2
,,,,,,
{ZOOM}"""

ZOOM_TOTALS = """\
Tên (Tên gốc),Email người dùng,Tổng thời gian (Phút),Khách
UBND xã 01 - Lò Thị Én,,116,Có
Giàng A Páo,pao@xa.example.vn,45,Không
"""

ZOOM_WEBINAR = """\
Attendee Report,
Report Generated:,03/12/2026 11:40 AM
Topic,Webinar ID,Actual Start Time
Tập huấn,912 3456 7890,03/12/2026 08:00 AM
Host Details,
Attended,User Name (Original Name),Email,Join Time,Leave Time,Time in Session (minutes)
Yes,Điểm cầu tỉnh,host@tinh.example.vn,03/12/2026 07:45 AM,03/12/2026 11:31 AM,226
Attendee Details,
Attended,User Name (Original Name),Email,Join Time,Leave Time,Time in Session (minutes)
Yes,Lò Thị Én,en@xa.example.vn,03/12/2026 08:00 AM,03/12/2026 11:20 AM,200
No,Giàng A Páo,pao@xa.example.vn,--,--,--
"""

TEAMS_ACTIONS = """\
Full Name\tUser Action\tTimestamp
Lò Thị Én\tJoined\t12/3/2026, 08:00:00
Lò Thị Én\tLeft\t12/3/2026, 08:40:00
Lò Thị Én\tJoined\t12/3/2026, 08:45:00
Giàng A Páo\tJoined before\t12/3/2026, 08:05:00
Giàng A Páo\tLeft\t12/3/2026, 10:05:00
Vàng Thị Sáo\tLeft\t12/3/2026, 09:00:00
"""

TEAMS_SECTIONS = """\
1. Summary
Meeting title\tHọc tập nghị quyết
Attended participants\t2
Start time\t12/03/26, 07:59:07
End time\t12/03/26, 11:00:14
Meeting duration\t3h 1m 7s
Average attendance time\t2h 18m 24s

2. Participants
Name\tFirst join\tLast leave\tIn-meeting duration\tEmail\tParticipant ID (UPN)\tRole
Lò, Thị Én\t12/03/26, 08:00:00\t12/03/26, 11:00:00\t2h 30m 0s\ten@xa.example.vn\ten@xa.example.vn\tOrganizer
Giàng A Páo\t12/03/26, 08:10:00\t12/03/26, 11:00:00\t2h 50m 0s\tpao@xa.example.vn\tpao@xa.example.vn\tPresenter

3. In-Meeting activities
Name\tJoin time\tLeave time\tDuration\tEmail\tRole
Lò, Thị Én\t12/03/26, 08:00:00\t12/03/26, 09:00:00\t1h 0m 0s\ten@xa.example.vn\tOrganizer
Lò, Thị Én\t12/03/26, 09:30:00\t12/03/26, 11:00:00\t1h 30m 0s\ten@xa.example.vn\tOrganizer
Giàng A Páo\t12/03/26, 08:10:00\t12/03/26, 11:00:00\t2h 50m 0s\tpao@xa.example.vn\tPresenter
"""

TEAMS_GERMAN = """\
1. Zusammenfassung
Besprechungstitel\tHội nghị trực tuyến
Teilnehmer\t1

2. Teilnehmer
Name\tErster Beitritt\tLetztes Verlassen\tDauer der Besprechung\tE-Mail\tTeilnehmer-ID (UPN)\tRolle
Lò Thị Én\t12.03.26, 08:01:00\t12.03.26, 09:00:00\t59 Min. 0 Sek.\ten@xa.example.vn\ten@xa.example.vn\tTeilnehmer
"""

MEET = """\
First name,Last name,Email,Duration,Time joined,Time exited
Én,Lò Thị,en@xa.example.vn,1 hr 26 min,8:08 AM,10:25 AM
Páo,Giàng A,pao@xa.example.vn,24 min,8:15 AM,10:26 AM
"""

BBB_EVENTS = """\
<?xml version="1.0" encoding="UTF-8"?>
<recording meeting_id="abc-1773277200000" bbb_version="2.6.1">
  <event timestamp="5000" module="PARTICIPANT" eventname="ParticipantJoinEvent">
    <name>Lò Thị Én</name><externalUserId>u1</externalUserId><userId>w_1</userId>
    <timestampUTC>1773277200000</timestampUTC>
  </event>
  <event timestamp="605000" module="PARTICIPANT" eventname="ParticipantLeftEvent"><userId>w_1</userId></event>
  <event timestamp="905000" module="PARTICIPANT" eventname="ParticipantJoinEvent">
    <name>Lò Thị Én</name><externalUserId>u1</externalUserId><userId>w_2</userId>
  </event>
  <event timestamp="1805000" module="PARTICIPANT" eventname="EndAndKickAllEvent"></event>
</recording>
"""

DASHBOARD = """\
{"users": {"w_1-1": {"extId": "u1", "name": "Lò Thị Én", "intIds": {
   "w_1": {"registeredOn": 1773277200000, "leftOn": 1773277800000},
   "w_2": {"registeredOn": 1773278100000, "leftOn": 0}}}},
 "createdOn": 1773277100000, "endedOn": 1773279000000}
"""
