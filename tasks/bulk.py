"""One deed on many tasks: each in a transaction of its own, so that what can be done is done and the rest says why."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from uuid import UUID

from django.utils.translation import gettext, ngettext

from clinics.people.models import User
from clinics.practice.sensitive import Closed
from tasks import actions
from tasks.models import Task
from tasks.policy import Refused

MOST = 500
Seen = tuple[UUID, int]
"""A task's id and the version that the person saw."""


@dataclass(frozen=True, slots=True)
class Failure:
    """One task that was left as it was, and the sentence why."""

    task: Task | None
    task_id: UUID
    why: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a deed on many: the changed rows, each in its new version, and the others."""

    done: tuple[Seen, ...]
    failed: tuple[Failure, ...]

    @property
    def words(self) -> str:
        """What happened with exact counts: "5 done.", "5 done, 2 failed."."""
        return (
            gettext("%(done)s done, %(failed)s failed.") % {"done": len(self.done), "failed": len(self.failed)}
            if self.failed
            else ngettext("%(count)s done.", "%(count)s done.", len(self.done)) % {"count": len(self.done)}
        )


def do(
    act: Callable[..., Task], seen: Iterable[Seen], *, by: User, happened: Callable[[Task], str], **given: object
) -> Outcome:
    """Act on each task as the person saw it; `happened` words what somebody else did meanwhile."""
    done: list[Seen] = []
    failed: list[Failure] = []
    for task_id, version in seen:
        try:
            task = act(by=by, task_id=task_id, version=version, **given)
            done.append((task.pk, task.version))
        except Closed as closed:
            failed.append(Failure(None, task_id, str(closed)))
        except Task.DoesNotExist:
            failed.append(Failure(None, task_id, gettext("It is not there any more.")))
        except actions.Taken as taken:
            failed.append(Failure(taken.task, task_id, happened(taken.task)))
        except Refused as refused:
            failed.append(Failure(Task.objects.filter(pk=task_id).first(), task_id, str(refused)))
    return Outcome(tuple(done), tuple(failed))
