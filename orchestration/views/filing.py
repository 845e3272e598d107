"""Forms of what two people sign: what is wrong stands beside its field, and with which answer the form comes back."""

from collections.abc import Callable

from django import forms
from django.http import HttpRequest

from orchestration.catalog.changing import CannotChange, ChangedMeanwhile, Problems
from orchestration.once import once
from orchestration.views.control import CONFLICT, UNPROCESSABLE


class FiledForm(forms.Form):
    """A form that can be told what is wrong with it."""

    def tell(self, problems: Problems) -> None:
        """Put each problem beside its field, or above the form when it belongs to none."""
        for name, told in problems:
            self.add_error(name if name in self.fields else None, told)


class NotFiled(Exception):
    """Nothing was done, and the form says why; `code` is the answer of HTTP with which it is shown again."""

    def __init__(self, code: int) -> None:
        super().__init__()
        self.code = code


def file[Made](sent: FiledForm, act: Callable[[], Made]) -> Made:
    """Do what a form says, where it can be done. Raises `NotFiled`."""
    if not sent.is_valid():
        raise NotFiled(UNPROCESSABLE)
    try:
        return act()
    except CannotChange as error:
        sent.tell(error.problems)
        raise NotFiled(CONFLICT if isinstance(error, ChangedMeanwhile) else UNPROCESSABLE) from error


def file_once(request: HttpRequest, sent: FiledForm, act: Callable[[], int]) -> int:
    """The same for what is new: the id that it got, once however often the form is sent."""
    return file(sent, lambda: once(request.session, request.POST.get("token", "")[:64], act))
