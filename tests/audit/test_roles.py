"""What the roles may do that belongs to no single object."""

import pytest
from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType

from audit import grants
from audit.actors import COMMAND
from audit.models import Event
from tests.cast import Cast

pytestmark = pytest.mark.django_db


def test_giving_the_roles_twice_changes_nothing(cast: Cast) -> None:
    before = Event.objects.count()
    assert grants.give_roles(actor=COMMAND) == cast.groups
    assert Event.objects.count() == before


def test_a_permission_of_a_later_part_can_be_given(cast: Cast) -> None:
    assert cast.adam.has_perm("orchestration.stop_everything")
    assert not cast.mina.has_perm("orchestration.stop_everything")


def test_a_permission_that_two_parts_name_alike_is_refused(cast: Cast) -> None:
    other = ContentType.objects.exclude(app_label="audit")[0]
    Permission.objects.create(codename="view_report", name="Another", content_type=other)
    with pytest.raises(Permission.MultipleObjectsReturned):
        grants.grant_everywhere("view_report", cast.groups["reviewer"], actor=COMMAND)
