"""Documents that cannot drift from the code."""

import re
from pathlib import Path

from api.settings import ApiSettings
from archive.settings import VaultSettings
from ingest.settings import WorkshopSettings
from sessions.settings import RegisterSettings

ROOT = Path(__file__).parent.parent
CLASSES = (RegisterSettings, VaultSettings, WorkshopSettings, ApiSettings)


def test_every_setting_is_listed_with_its_description_and_no_other():
    listed = (ROOT / "deploy" / ".env.example").read_text("utf-8")
    names = re.findall(r"^#? ?(DIEMCAU_[A-Z0-9_]+)=", listed, re.MULTILINE)
    settings = {f"DIEMCAU_{name.upper()}": field for each in CLASSES for name, field in each.model_fields.items()}
    assert sorted(names) == sorted(settings)
    for name, field in settings.items():
        assert field.description, name
        assert field.description in listed.replace("\n# ", " "), name


def test_the_readme_names_both_commands_on_its_first_screen():
    first_screen = (ROOT / "README.md").read_text("utf-8").splitlines()[:40]
    assert any("make up" in line for line in first_screen)
    assert any("make test" in line for line in first_screen)


def test_every_link_of_the_documents_leads_somewhere():
    documents = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "deploy").glob("**/*.md")]
    targets = [
        (document, target)
        for document in documents
        for target in re.findall(r"\]\((?!https?:|#)([^)#]+)", document.read_text("utf-8"))
    ]
    assert targets
    assert [
        f"{document.name}: {target}" for document, target in targets if not (document.parent / target).exists()
    ] == []
