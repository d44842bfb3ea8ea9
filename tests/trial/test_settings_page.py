import re

from trial.options import ROOT

NAME = re.compile(r'env(?:\.\w+)?\(\s*"([A-Z_]+)"')


def test_every_setting_of_the_environment_is_explained() -> None:
    read = {name for file in ROOT.glob("config/*.py") for name in NAME.findall(file.read_text())}
    explained = set(re.findall(r"^\| `([A-Z_]+)` \|", (ROOT / "docs/settings.md").read_text(), re.M))
    assert read, "no setting was found, so this would prove nothing"
    assert explained == read | {"READY_FILE"}
