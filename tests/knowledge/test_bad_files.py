"""Bad files: each is named with its reason, nothing hangs, and the rest is read."""

from __future__ import annotations

import io
import os
import struct
import sys
import zipfile
import zlib
from pathlib import Path

import pytest

from knowledge.errors import DocumentError
from knowledge.loaders import archive
from knowledge.loaders.file_kinds import PDF
from knowledge.loading import Loaded, load
from knowledge.sandbox import Limits, run
from tests.knowledge.factories import lexicon, page, write

FILES = Path(__file__).parent / "files"
ON_LINUX = pytest.mark.skipif(sys.platform != "linux", reason="the limits are the Linux kernel's")
GOOD = (FILES / "two-columns.typst.pdf").read_bytes()


def zipped(**members: str | bytes) -> bytes:
    """An archive of these members, by their name with "__" for a dot."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in members.items():
            packed.writestr(name.replace("__", "."), content)
    return file.getvalue()


def loaded(folder: Path, name: str, content: bytes) -> Loaded:
    """What loading this file gives, beside a good one."""
    write(folder / "pages" / name, content)
    write(folder / "pages" / "good.md", page(id="good"))
    return load(folder / "pages", lexicon(folder), root_name="pages")


def refusal(folder: Path, name: str, content: bytes) -> DocumentError:
    found = loaded(folder, name, content)
    (failure,) = found.failures
    assert failure.path == name
    assert failure.cure
    assert [document.key for document in found.documents] == ["good.en"]
    return failure


def pdf(body: str = "", *, encrypt: str = "", packed: bool = False) -> bytes:
    """A PDF of one page, written by hand, with this page content (perhaps packed) and encryption dictionary."""
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 300 300] /Contents 4 0 R /Resources << /XObject << /I 5 0 R >> >> >>",
        f"<< /Length {len(body)} {'/Filter /FlateDecode' if packed else ''} >>\nstream\n{body}\nendstream",
        "<< /Type /XObject /Subtype /Image /Width 1 /Height 1 /ColorSpace /DeviceGray /BitsPerComponent 8>> stream\nx\nendstream",
    ]
    text, places = "%PDF-1.4\n", []
    for number, content in enumerate(objects, start=1):
        places.append(len(text))
        text += f"{number} 0 obj\n{content}\nendobj\n"
    start = len(text)
    text += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n" + "".join(f"{place:010} 00000 n \n" for place in places)
    identity = "/ID [<00112233445566778899aabbccddeeff> <00112233445566778899aabbccddeeff>]"
    text += f"trailer\n<< /Size {len(objects) + 1} /Root 1 0 R {identity} {encrypt} >>\nstartxref\n{start}\n%%EOF\n"
    return text.encode("latin-1")


def test_a_pdf_locked_with_a_password_is_named(tmp_path: Path) -> None:
    locked = pdf(encrypt=f"/Encrypt << /Filter /Standard /V 1 /R 2 /P -4 /O <{'00' * 32}> /U <{'11' * 32}> >>")

    assert refusal(tmp_path, "locked.pdf", locked).reason == "the PDF is locked with a password"


@pytest.mark.parametrize(
    "content", [b"%PDF-1.7\n", GOOD[: len(GOOD) // 3], b"%PDF-1.7\n" + os.urandom(5_000)], ids=["head only", "a third", "noise"]
)
def test_a_damaged_pdf_is_named(content: bytes, tmp_path: Path) -> None:
    reason = refusal(tmp_path, "damaged.pdf", content).reason

    assert "damaged" in reason or "no pages" in reason or "no text" in reason


def test_a_scanned_pdf_is_named_with_the_cure(tmp_path: Path) -> None:
    failure = refusal(tmp_path, "scan.pdf", pdf("q 300 0 0 300 0 0 cm /I Do Q"))

    assert failure.reason == "the PDF holds pictures of its pages and no text"
    assert "OCR" in failure.cure


def test_a_huge_file_is_refused_before_it_is_read(tmp_path: Path) -> None:
    path = write(tmp_path / "pages/huge.pdf", b"%PDF-1.7\n")
    os.truncate(path, 300 * 2**20)

    (failure,) = load(path, lexicon(tmp_path), root_name="pages").failures

    assert failure.reason == "the file has 314,572,800 bytes; a PDF may have 104,857,600"


@ON_LINUX
@pytest.mark.parametrize(
    ("body", "limits", "reason"),
    [
        ("0 0 m 9 9 l S " * 300_000, Limits(seconds=2), "more than 2 seconds"),
        (zlib.compress(b" " * 300 * 2**20, 1).decode("latin-1"), Limits(memory=300 * 2**20), "more than 300 MB of memory"),
    ],
    ids=["time", "memory"],
)
def test_a_pdf_that_eats_time_or_memory_is_stopped(body: str, limits: Limits, reason: str, tmp_path: Path) -> None:
    path = write(tmp_path / "evil.pdf", pdf(body, packed="S " not in body))

    with pytest.raises(DocumentError, match=reason):
        run(PDF.reader, path, name="evil.pdf", limits=limits)


@ON_LINUX
@pytest.mark.campaign
def test_a_word_document_that_unpacks_to_more_than_the_memory_is_stopped(tmp_path: Path) -> None:
    bomb = zipped(**{"[Content_Types]__xml": " " * 700_000_000, "word/document__xml": "<x/>"})

    assert "more than 512 MB of memory" in refusal(tmp_path, "bomb.docx", bomb).reason


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("page.pdf", b"<!doctype html><html><body>Hello</body></html>", "the name says PDF, the content is a web page"),
        ("guide.docx", GOOD, "the name says Word document, the content is a PDF"),
        ("picture.html", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "the name says web page, the content is a file of another kind"),
        ("old.docx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "an old Office file, or one locked with a password"),
        ("text.zip", b"just text", "the name says zip archive, the content is something else"),
        ("film.csv", b"WEBVTT\n\n00:01.000 --> 00:02.000\nHi\n", "the name says table, the content is a subtitles"),
        ("empty.pdf", b"", "the file is empty"),
    ],
    ids=lambda value: value if isinstance(value, str) and "." in value[-5:] else "",
)
def test_a_file_that_is_not_what_its_name_says_is_named(name: str, content: bytes, reason: str, tmp_path: Path) -> None:
    assert reason in refusal(tmp_path, name, content).reason


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("text.vtt", b"no subtitles at all"),
        ("empty.vtt", b"WEBVTT\n"),
        ("text.srt", b"1\nno time\nhello\n"),
        ("open.csv", b'question;answer\n"never closed;x\n'),
        ("text.html", b"<html><body><script>x</script></body></html>"),
        ("deep.jsonl", b"[" * 100_000),
        ("noise.docx", zipped(**{"[Content_Types]__xml": "<x", "word/document__xml": "<y"})),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_file_without_anything_in_it_that_can_be_read_is_named(name: str, content: bytes, tmp_path: Path) -> None:
    assert refusal(tmp_path, name, content).reason


# archives


def test_an_archive_is_read_like_a_folder(tmp_path: Path) -> None:
    content = zipped(
        **{
            "_defaults__yaml": "audience: sales\n",
            "a/film__vtt": (FILES / "tutorial.vtt").read_bytes(),
            "a/film__vtt__meta__yaml": "title: Film\n",
            "b__md": page(id="b"),
            "__MACOSX/._b__md": b"\0",
        }
    )

    found = loaded(tmp_path, "films.zip", content)

    assert found.failures == []
    assert [(document.path, document.front.title) for document in found.documents] == [
        ("films.zip/a/film.vtt", "Film"), ("films.zip/b.md", "Comfortable seats"), ("good.md", "Comfortable seats"),
    ]  # fmt: skip
    assert found.documents[0].front.audience == "sales"


@pytest.mark.parametrize("name", ["../evil.md", "/evil.md", "a/../../evil.md", "..\\evil.md", "C:\\evil.md"])
def test_a_member_that_leads_out_of_its_archive_is_left_out_and_named(name: str, tmp_path: Path) -> None:
    found = loaded(tmp_path, "slip.zip", zipped(**{name: page(id="evil"), "b.md": page(id="b")}))

    (failure,) = found.failures
    assert (failure.path, failure.reason) == (f"slip.zip/{name}", "its name leads out of the archive")
    assert [document.key for document in found.documents] == ["good.en", "b.en"]
    assert not list(tmp_path.parent.glob("**/evil.md"))


def test_a_link_in_an_archive_is_left_out_and_named(tmp_path: Path) -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as packed:
        link = zipfile.ZipInfo("link.md")
        link.external_attr = 0o120777 << 16
        packed.writestr(link, "/etc/passwd")

    found = loaded(tmp_path, "links.zip", file.getvalue())

    assert [(failure.path, failure.reason) for failure in found.failures] == [
        ("links.zip/link.md", "it is a link to another file")
    ]


def test_a_zip_bomb_is_refused_as_a_whole(tmp_path: Path) -> None:
    failure = refusal(tmp_path, "bomb.zip", zipped(bomb__csv=b"0" * 50_000_000))

    assert "the mark of a zip bomb" in failure.reason


def test_an_archive_that_lies_about_its_sizes_is_refused(tmp_path: Path) -> None:
    honest = zipped(a__csv=b"question;answer\n" + b"q;a\n" * 1_000)
    size = struct.pack("<I", 16 + 4 * 1_000)
    lying = honest.replace(size, struct.pack("<I", 100))

    assert refusal(tmp_path, "lies.zip", lying).reason


def test_an_archive_of_too_many_files_is_refused(tmp_path: Path) -> None:
    many = zipped(**{f"{number}.csv": "" for number in range(archive.MOST_MEMBERS + 1)})

    assert "it has 2,001 files" in refusal(tmp_path, "many.zip", many).reason


def test_archives_in_archives_end_at_the_second(tmp_path: Path) -> None:
    inner = zipped(deep__zip=zipped(deepest__zip=zipped(a__md=page(id="a")), b__md=page(id="b")))

    found = loaded(tmp_path, "outer.zip", inner)

    assert [failure.path for failure in found.failures] == ["outer.zip/deep.zip/deepest.zip"]
    assert [document.key for document in found.documents] == ["good.en", "b.en"]


@pytest.mark.parametrize("cut", [10, 100], ids=["head", "directory lost"])
def test_a_damaged_archive_is_named(cut: int, tmp_path: Path) -> None:
    assert "damaged" in refusal(tmp_path, "cut.zip", zipped(a__md=page(id="a"))[:cut]).reason


@pytest.mark.skipif(os.name != "posix", reason="links as on POSIX systems")
def test_a_link_to_a_file_outside_the_folder_is_not_followed(tmp_path: Path) -> None:
    write(tmp_path / "outside.md", page(id="outside"))
    (tmp_path / "pages").mkdir()
    (tmp_path / "pages/link.md").symlink_to(tmp_path / "outside.md")

    (failure,) = load(tmp_path / "pages", lexicon(tmp_path), root_name="pages").failures

    assert failure.reason == "it is a link to a file outside the folder"
