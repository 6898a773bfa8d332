from xgodo_dev.cli.pull import PullReport


def test_paths_are_in_order_whatever_file_was_done_first() -> None:
    report = PullReport(
        pulled=["b.ts", "a.ts"],
        merged=["d.ts", "c.ts"],
        removed=["f.ts", "e.ts"],
        kept=["h.ts", "g.ts"],
        failed=[{"path": "j.ts", "errors": []}, {"path": "i.ts", "errors": []}],
    )
    assert report.to_json() == {
        "pulled": ["a.ts", "b.ts"],
        "merged": ["c.ts", "d.ts"],
        "conflicts": [],
        "removed": ["e.ts", "f.ts"],
        "kept": ["g.ts", "h.ts"],
        "failed": [{"path": "i.ts", "errors": []}, {"path": "j.ts", "errors": []}],
    }
