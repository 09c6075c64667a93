"""Nothing that waits at the gate, or was refused there, can be fetched: every route is tried with every role."""

import itertools
import json
import re
from datetime import timedelta
from uuid import uuid4

import pytest
from PIL import Image

from api import contract
from api.login import COOKIE
from archive import catalogue
from archive.models import Deck, Recording, RenditionKind, SlidePage, Viewing
from archive.storage import storage
from ingest import quarantine, sheets, verdicts
from ingest.inspection import Picture
from ingest.models import IngestJob, Inspection, InspectionResult, JobState, Upload, UploadKind
from ingest.probe import MediaFacts
from sessions import clock
from sessions.models import Role
from tests.cast import conference, sign_in
from tests.factories import entrust

#: Bytes that stand nowhere else: an answer that holds them gave something away.
KEPT = b"BYTES THAT NOBODY MAY HAVE " + uuid4().hex.encode()
#: What the refused file was called, which may not be said any more.
CALLED = f"ten-tep-{uuid4().hex}"
#: What a path that is free in the contract is tried with.
PATHS = ("speech.webm", "slides/0001.webp", "../../../originals/{sha256}", "../../../quarantine/{upload_id}")
#: Addresses beside the contract: where the files lie on disk.
BESIDE = ("/quarantine/{upload_id}", "/sheets/{job_id}/0001.webp", "/storage/originals/{sha256}", "/originals/{sha256}")
FACTS = MediaFacts(container="ogg", origin_seconds=0.0, duration_seconds=60.0, size_bytes=9, video=None, audio=())


class Waiting:
    """A recording and a deck of one conference in the same state, both once published, with their files in place."""

    def __init__(self, db, cast, session, filename, watcher):
        self.session_id, self.cast = session.id, cast
        self.recording, self.deck = self._kept(db, session)
        self.jobs = [self._job(db, filename, made) for made in (self.recording, self.deck)]
        self.viewing = Viewing(
            person_id=watcher.id,
            recording_id=self.recording.id,
            policy_version=1,
            opened_at=clock.now(),
            user_agent="tests",
            covered=[],
        )
        db.add(self.viewing)
        db.commit()

    def _kept(self, db, session):
        now = clock.now()
        common = {"session_id": session.id, "created_at": now, "published_at": now, "title": session.title}
        source = {"source_sha256": uuid4().hex * 2, "source_key": "", "source_bytes": 9, "facts": FACTS.to_json()}
        recording = Recording(id=uuid4(), duration_seconds=60, **source, **common)
        deck = Deck(id=uuid4(), source_sha256=uuid4().hex * 2, source_key="", **common)
        db.add_all([recording, deck])
        db.flush()
        db.add(
            SlidePage(
                deck_id=deck.id, position=1, picture="0001.webp", thumbnail="0001.webp",
                width=9, height=9, bytes=9, text=KEPT.decode(), search_key="x",
            )
        )  # fmt: skip
        catalogue.keep_rendition(
            db, recording_id=recording.id, kind=RenditionKind.SPEECH, name="opus", ladder_version="x",
            entry="speech.webm", media_type="audio/webm", bytes=9, bit_rate=9, stream=None,
        )  # fmt: skip
        return recording, deck

    def _job(self, db, filename, made):
        now, is_deck = clock.now(), isinstance(made, Deck)
        upload = Upload(
            id=uuid4(), session_id=self.session_id, kind=UploadKind.DECK if is_deck else UploadKind.RECORDING,
            filename=filename, length=9, sha256=made.source_sha256, uploaded_by=self.cast.staff.id,
            created_at=now, finished_at=now, expires_at=now + timedelta(days=1),
        )  # fmt: skip
        db.add(upload)
        db.flush()
        job = IngestJob(
            id=uuid4(), upload_id=upload.id, session_id=self.session_id, state=JobState.PUBLISHED, created_at=now,
            updated_at=now, deck_id=made.id if is_deck else None, recording_id=None if is_deck else made.id,
        )  # fmt: skip
        db.add(job)
        db.flush()
        db.add(
            Inspection(
                job_id=job.id, at=now, result=InspectionResult.SEALED, hits=[], unread=0, rules_version="x",
                pictures=[{"page": 1, "at_seconds": None, "width": 9, "height": 9}],
            )
        )  # fmt: skip
        db.flush()
        return job

    def lay_down(self, db, picture):
        """Put bytes wherever files of these jobs can lie, also where only a killed process leaves them."""
        for job, made in zip(self.jobs, (self.recording, self.deck), strict=True):
            upload = db.get_one(Upload, job.upload_id)
            quarantine.path_of(upload).parent.mkdir(parents=True, exist_ok=True)
            quarantine.path_of(upload).write_bytes(KEPT)
            sheets.keep(job.id, [Picture(picture, page=1)])
            home = catalogue.folder_of(made)
            for key in (f"originals/{upload.sha256}", f"{home}/speech.webm", f"{home}/0001.webp"):
                storage().put_bytes(key, KEPT)


@pytest.fixture
def picture(tmp_path):
    Image.effect_noise((64, 36), 80).save(tmp_path / "page.png")
    return tmp_path / "page.png"


@pytest.fixture
def held(db, cast, picture):
    """Taken back from the members by a search with newer rules, and held."""
    waiting = Waiting(db, cast, conference(db, cast), "bai-giang.pdf", cast.member)
    for job in waiting.jobs:
        verdicts.hold(db, job, verdicts.Sealed())
    db.commit()
    waiting.lay_down(db, picture)
    yield waiting
    erase(db, waiting)


@pytest.fixture
def refused(db, cast, picture):
    """Refused, by a process that was killed before it could destroy anything."""
    waiting = Waiting(db, cast, conference(db, cast), CALLED, cast.technician)
    for job in waiting.jobs:
        verdicts.refuse(db, job, rule="tuyet-mat")
    db.commit()
    waiting.lay_down(db, picture)
    yield waiting
    erase(db, waiting)


def erase(db, waiting):
    for job in waiting.jobs:
        quarantine.drop(db.get_one(Upload, job.upload_id))
        sheets.drop(job.id)


@pytest.fixture
def doors(db, cast, client):
    """Everybody who may knock: nobody, and each role within the conference's unit, of whom `staff` is the uploader."""
    entrust(db, cast.stranger, Role.SECURITY, cast.province)
    db.commit()

    def knock(method, address, body=None):
        return client.request(method, address, json=body, headers={"Tus-Resumable": "1.0.0"}, follow_redirects=True)

    def each():
        client.cookies.delete(COOKIE)
        yield "nobody", knock
        for name in ("member", "stranger", "technician", "staff", "releaser", "administrator"):
            client.cookies.delete(COOKIE)
            sign_in(db, client, getattr(cast, name))
            yield name, knock

    return each


def operations(*, reading):
    for path, methods in json.loads(contract.document())["paths"].items():
        for method in methods:
            if (method in {"get", "head", "options"}) == reading:
                yield method.upper(), path


def addresses(db, asked, *waiting):
    """Every route with all that could lead to these files put in its gaps, each once; and what is beside the routes."""
    for method, path in asked:
        yield from sorted({(method, each) for of in waiting for each in filled(db, path, of)})
    yield from (("GET", each.format(**names(db, of))) for of in waiting for each in BESIDE)


def filled(db, path, waiting):
    known = {
        "job_id": [job.id for job in waiting.jobs],
        "upload_id": [waiting.jobs[0].upload_id],
        "recording_id": [waiting.recording.id],
        "viewing_id": [waiting.viewing.id],
        "session_id": [waiting.session_id],
        "position": [1],
        "path": [each.format(**names(db, waiting)) for each in PATHS],
    }
    gaps = re.findall(r"{(\w+)}", path)
    for chosen in itertools.product(*(known.get(gap, [waiting.cast.member.id]) for gap in gaps)):
        yield path.format(**dict(zip(gaps, chosen, strict=True)))


def names(db, waiting):
    job = waiting.jobs[0]
    return {"upload_id": job.upload_id, "job_id": job.id, "sha256": db.get_one(Upload, job.upload_id).sha256}


def test_nothing_held_or_refused_is_given_to_any_role_by_any_route(db, cast, doors, held, refused):
    reading, writing = list(operations(reading=True)), list(operations(reading=False))
    assert len(reading) > 40
    assert len(writing) > 30
    held_sheets = {sheets.read(job.id, 1): job.id for job in held.jobs}
    answers, shown = 0, set()
    # What writes comes last: it may change what there is to be read.
    for asked, body in ((reading, None), (writing, {})):
        for name, knock in doors():
            for method, address in addresses(db, asked, held, refused):
                answer = knock(method, address, body)
                answers += 1
                assert answer.status_code < 500, (name, method, address, answer.text)
                assert KEPT not in answer.content, (name, method, address)
                assert CALLED.encode() not in answer.content, (name, method, address)
                if answer.headers.get("content-type") == "image/webp":
                    assert answer.content in held_sheets, (name, method, address)
                    shown.add(name)
    assert answers > 1000
    # That the walk would find something: those who decide on what is held see its contact sheet, and nobody else.
    assert shown == {"releaser", "administrator"}
