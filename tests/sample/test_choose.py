"""The rule by which rows were chosen."""

from pathlib import Path

from deploy.sample import choose


def test_it_leaves_out_a_text_that_differs_only_in_dress(tmp_path: Path) -> None:
    source = tmp_path / "source.csv"
    source.write_text('text,category\nWhere is it?,a\n"where is IT ",b\n" padded",a\nWhere is it!,b\n')
    assert choose.read(source) == {"a": ["Where is it?"]}


def test_it_shares_out_four_hundred_questions() -> None:
    shares = choose.shares(f"label {number:02}" for number in range(77))
    assert sum(shares.values()) == 400
    assert set(shares.values()) == {5, 6}


def test_it_spreads_over_groups_before_it_repeats_one() -> None:
    alike = [[1.0, 0.9, 0.0], [0.9, 1.0, 0.0], [0.0, 0.0, 1.0]]
    assert sorted(choose.spread(alike, 2)) == [0, 2]
