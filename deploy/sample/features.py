"""How a question becomes numbers: TF-IDF of words and word pairs, and of pieces of words."""

from typing import Any


def extractor() -> Any:
    """A new, untrained extractor. scikit-learn is imported here: web processes must not load it."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.pipeline import FeatureUnion

    words = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, token_pattern=r"(?u)\b\w+\b")
    pieces = TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5), sublinear_tf=True)
    return FeatureUnion([("words", words), ("pieces", pieces)])
