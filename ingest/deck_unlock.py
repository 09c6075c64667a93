"""Writes a deck without its password, as a program of its own: `python deck_unlock.py FILE OUT`.

The password comes by standard input, where no list of processes shows it. It prints one JSON object: {"unlocked": true}
or {"refused": "wrong-password" | "unreadable"}.
"""

import json
import re
import shutil
import sys
from pathlib import Path
from typing import BinaryIO

import msoffcrypto
import olefile
import pypdfium2
from msoffcrypto.exceptions import DecryptionError, FileFormatError, InvalidKeyError
from msoffcrypto.format.ooxml import OOXMLFile
from pypdfium2.raw import FPDF_ERR_PASSWORD, FPDF_REMOVE_SECURITY

#: PDFium writes the trailer last: the document's number, which stays, and the copy's.
COPY_ID, TRAILER_BYTES = re.compile(rb"/ID\[<[0-9A-F]*><([0-9A-F]+)>\]"), 4096


def main() -> None:
    path, out = map(Path, sys.argv[1:])
    password = sys.stdin.buffer.read().decode()
    try:
        unlock(path, out, password)
        said: dict[str, object] = {"unlocked": True}
    except InvalidKeyError:
        said = {"refused": "wrong-password"}
    except pypdfium2.PdfiumError as error:
        said = {"refused": "wrong-password" if error.err_code == FPDF_ERR_PASSWORD else "unreadable"}
    except (DecryptionError, FileFormatError, OSError, ValueError, IndexError, KeyError, AttributeError):
        said = {"refused": "unreadable"}  # What a damaged file makes the parsers of its format say.
    sys.stdout.write(json.dumps(said) + "\n")


def unlock(path: Path, out: Path, password: str) -> None:
    """Write the file without its password; one that has none is copied as it is."""
    with path.open("rb") as file:
        head = file.read(1024)
        if head.startswith(olefile.MAGIC):
            file.seek(0)
            unlock_office(file, out, password)
        elif b"%PDF-" in head:
            pypdfium2.PdfDocument(path, password=password).save(out, flags=FPDF_REMOVE_SECURITY)
            settle_id(out)
        else:
            shutil.copyfile(path, out)


def settle_id(pdf: Path) -> None:
    """Put zeros for the random number in the trailer, by which every copy would have another hash.

    What was refused once is known by the hash of the opened file, also when it comes again.
    """
    with pdf.open("r+b") as file:
        file.seek(max(0, pdf.stat().st_size - TRAILER_BYTES))
        begin, trailer = file.tell(), file.read()
        drawn = COPY_ID.search(trailer)
        if drawn:
            file.seek(begin + drawn.start(1))
            file.write(b"0" * len(drawn.group(1)))


def unlock_office(file: BinaryIO, out: Path, password: str) -> None:
    document = msoffcrypto.OfficeFile(file)
    # PPT tells by itself that a password is wrong; a package would be decrypted to nonsense.
    check = {"verify_password": True} if isinstance(document, OOXMLFile) else {}
    document.load_key(password=password, **check)
    with out.open("wb") as opened:
        document.decrypt(opened)


if __name__ == "__main__":
    main()
