"""What the store and marketing pages share: how they look, and the line above them with the other language and the way out.

Gradio draws the pages; the look keeps targets large enough for a thumb and text in the reader's own font.
"""

from __future__ import annotations

from typing import Any

import gradio as gr

from ui.staff.words import LANGUAGES, Words

_FONT = ["system-ui", "sans-serif"]
_ACCENT, _ACCENT_DARK = "#b3122a", "#ff8a94"
_QUIET, _QUIET_DARK = "#57534e", "#c4bfba"

CSS = """
.gradio-container button:not(.icon-button):not(.cell-menu-button),
.gradio-container input:not([type=radio]):not([type=checkbox]), .gradio-container .wrap label { min-height: 44px; }
.gradio-container .table-wrap td, .gradio-container .table-wrap th { vertical-align: top; }
.head { align-items: center; }
.dark button[role=tab].selected { color: #ff8a94; }
"""


def theme() -> Any:
    """Return the colours and sizes of the staff pages."""
    return gr.themes.Base(
        primary_hue=gr.themes.colors.red, neutral_hue=gr.themes.colors.stone, font=_FONT, font_mono=_FONT,
        text_size=gr.themes.sizes.text_lg, radius_size=gr.themes.sizes.radius_lg,
    ).set(
        button_primary_background_fill=_ACCENT, button_primary_background_fill_dark=_ACCENT,
        button_primary_background_fill_hover="#8f0e21", button_primary_background_fill_hover_dark="#8f0e21",
        button_primary_text_color="#fff", button_primary_text_color_dark="#fff",
        color_accent=_ACCENT, color_accent_soft="#fbe9eb", color_accent_soft_dark="#3a1c21",
        block_label_text_color=_QUIET, block_label_text_color_dark=_QUIET_DARK,
        block_title_text_color=_QUIET, block_title_text_color_dark=_QUIET_DARK,
        body_text_color_subdued=_QUIET, body_text_color_subdued_dark=_QUIET_DARK,
        checkbox_background_color_selected=_ACCENT, checkbox_background_color_selected_dark=_ACCENT,
        checkbox_border_color_selected=_ACCENT, checkbox_border_color_selected_dark=_ACCENT_DARK,
        input_placeholder_color=_QUIET, input_placeholder_color_dark=_QUIET_DARK,
        link_text_color=_ACCENT, link_text_color_dark=_ACCENT_DARK,
    )  # fmt: skip


def heading(words: Words, page: str, language: str) -> None:
    """Draw the line above a page: its name, the same page in the other language, sign out."""
    other = next(code for code in LANGUAGES if code != language)
    with gr.Row(elem_classes="head"):
        with gr.Column(scale=6, min_width=200):
            gr.Markdown(f"# Citroën — {words[page]}")
        gr.Button(words["other_language"], link=f"/{page}/{other}/", link_target="_self", size="sm", scale=1, min_width=120)
        gr.Button(words["sign_out"], link="/sign-out", link_target="_self", size="sm", scale=1, min_width=160)


def text(label: str, *, lines: int = 6, **more: Any) -> Any:
    """Return a field that is read and copied from, and not written in."""
    return gr.Textbox(label=label, lines=lines, max_lines=40, interactive=False, buttons=["copy"], **more)


def download(label: str) -> Any:
    """Return a button that stands there once there is something to download; `ready` gives it a file."""
    return gr.DownloadButton(label, visible=False)


def ready(path: str | None) -> Any:
    """Return what puts a file, or none, behind a button of `download`."""
    return gr.DownloadButton(value=path, visible=path is not None)


def table(headers: list[str], label: str, **more: Any) -> Any:
    """Return a table that is read; whatever stands in a cell is shown as text."""
    return gr.Dataframe(headers=headers, label=label, interactive=False, wrap=True, datatype="str", type="array", **more)
