"""The files that start the product elsewhere name what there is."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from evals.settings import EvalSettings

_ROOT = Path(__file__).parents[2]
_KNOWN = {f"BRAND_ASSISTANT_{name.upper()}" for name in EvalSettings.model_fields if not name.startswith("openai_")}


@pytest.mark.parametrize("name", ["compose.yaml", ".env.example", "Dockerfile"])
def test_every_setting_that_is_named_exists(name: str) -> None:
    named = set(re.findall(r"BRAND_ASSISTANT_[A-Z_]+[A-Z]", (_ROOT / name).read_text(encoding="utf-8")))

    assert named
    assert named <= _KNOWN


def test_every_setting_is_explained_in_the_example() -> None:
    text = (_ROOT / ".env.example").read_text(encoding="utf-8")

    assert [name for name in sorted(_KNOWN) if name not in text] == []


def test_both_replicas_are_alike_and_the_proxy_knows_them() -> None:
    services = yaml.safe_load((_ROOT / "compose.yaml").read_text(encoding="utf-8"))["services"]
    one, two = services["replica-1"], services["replica-2"]

    assert {key: one[key] for key in one if key != "volumes"} == {key: two[key] for key in two if key != "volumes"}
    assert one["volumes"] != two["volumes"]
    assert "replica-1:8000" in services["proxy"]["environment"]["REPLICAS"]
    assert "replica-2:8000" in services["proxy"]["environment"]["REPLICAS"]


def test_the_proxy_is_given_every_name_that_its_configuration_leaves_open() -> None:
    named = set(re.findall(r"\$\{([A-Z]+)\}", (_ROOT / "ui" / "nginx.conf").read_text(encoding="utf-8")))
    services = yaml.safe_load((_ROOT / "compose.yaml").read_text(encoding="utf-8"))["services"]

    assert named == set(services["proxy"]["environment"])
    assert all(f"$${name}" in services["proxy"]["command"][2] for name in named)


def test_the_image_gets_every_package_of_the_product() -> None:
    copied = set(re.findall(r"^COPY (\w+) \1$", (_ROOT / "Dockerfile").read_text(encoding="utf-8"), re.MULTILINE))

    assert copied == {"assistant", "evals", "knowledge", "ui"}
