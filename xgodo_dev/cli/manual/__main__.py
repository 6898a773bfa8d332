"""Writes what is made from the commands; see `make generate`."""

from xgodo_dev.cli.manual import made

for file, text in made.files().items():
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
