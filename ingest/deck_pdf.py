"""Reads the words of a PDF: pages, comments, form fields, bookmarks, properties, and the names of attachments."""

import ctypes
import mmap
import re
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import pypdfium2
import pypdfium2.raw as pdfium

from ingest.markings import Passage, Source

#: Properties in markup of their own (XMP, ISO 16684-1), which lies in the file as it is unless the writer packed it.
_XMP = re.compile(rb"<x:xmpmeta.{0,1000000}?</x:xmpmeta>", re.DOTALL)
_ANNOTATION_KEYS = (b"Contents", b"T", b"Subj", b"V")


def read(path: Path) -> Iterator[Passage]:
    """Properties, bookmarks and names of attachments, then every page's text and comments."""
    document = pypdfium2.PdfDocument(path)
    for value in [*document.get_metadata_dict(skip_empty=True).values(), *_more_properties(path)]:
        yield Passage(value, Source.PROPERTY)
    yield Passage("\n".join(mark.get_title() for mark in document.get_toc()), Source.TEXT)
    for position in range(document.count_attachments()):
        yield Passage(document.get_attachment(position).get_name(), Source.NAME)
    for number in range(1, len(document) + 1):
        page = document[number - 1]
        yield Passage(page.get_textpage().get_text_bounded(), Source.TEXT, number)
        yield Passage("\n".join(_comments_on(page)), Source.NOTES, number)
        page.close()


def _more_properties(path: Path) -> Iterator[str]:
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        packets = [packet for packet in _XMP.findall(content) if b"<!" not in packet]
    for packet in packets:
        try:
            described = ElementTree.fromstring(packet)  # noqa: S314 - It declares nothing, entities neither.
        except ElementTree.ParseError:
            continue  # Bytes that only look like it; a reader of PDF would not look at them either.
        for each in described.iter():
            yield from (value for value in (each.text, *each.attrib.values()) if value)


def _comments_on(page: pypdfium2.PdfPage) -> Iterator[str]:
    for position in range(pdfium.FPDFPage_GetAnnotCount(page)):
        annotation = pdfium.FPDFPage_GetAnnot(page, position)
        for key in _ANNOTATION_KEYS:
            yield _string_of(annotation, key)
        pdfium.FPDFPage_CloseAnnot(annotation)


def _string_of(annotation: object, key: bytes) -> str:
    """A text of an annotation; PDFium gives UTF-16 with a NUL at its end, and its length in bytes."""
    length = pdfium.FPDFAnnot_GetStringValue(annotation, key, None, 0)
    buffer = ctypes.create_string_buffer(length)
    pdfium.FPDFAnnot_GetStringValue(annotation, key, ctypes.cast(buffer, ctypes.POINTER(pdfium.FPDF_WCHAR)), length)
    return buffer.raw.decode("utf-16-le", errors="ignore").rstrip("\0")
