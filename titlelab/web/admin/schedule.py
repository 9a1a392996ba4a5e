"""Beat's schedule and the results of tasks: the libraries' own pages, in unfold's dress."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django_celery_beat import admin as beat
from django_celery_beat.models import (
    ClockedSchedule,
    CrontabSchedule,
    IntervalSchedule,
    PeriodicTask,
    SolarSchedule,
)
from django_celery_results import admin as results
from django_celery_results.models import GroupResult, TaskResult
from unfold.decorators import display
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from titlelab.web.admin.ledger import Ledger
from titlelab.web.admin.scoping import Scoped

for model in (
    ClockedSchedule, CrontabSchedule, IntervalSchedule, PeriodicTask, SolarSchedule, GroupResult, TaskResult,
):  # fmt: skip
    admin.site.unregister(model)


class TaskSelect(UnfoldAdminSelectWidget, beat.TaskSelectWidget):
    pass


class PeriodicTaskForm(beat.PeriodicTaskForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "task" in self.fields:  # absent where the user may only read
            self.fields["task"].widget = UnfoldAdminTextInputWidget()
            self.fields["regtask"].widget = TaskSelect()


@admin.register(PeriodicTask)
class PeriodicTaskAdmin(beat.PeriodicTaskAdmin, Scoped):
    form = PeriodicTaskForm
    list_display = ["name", "enabled", "runs", "start_time", "last_run_at", "one_off"]
    date_hierarchy = None  # a dozen rows

    @display(description="runs")
    def runs(self, task: PeriodicTask) -> str:
        return str(task.scheduler)

    @display(description="crontab in words")
    def crontab_translation(self, task: PeriodicTask) -> str:
        return str(super().crontab_translation(task))

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        # Beat's actions run and switch tasks and ask for no permission of their own.
        return super().get_actions(request) if self.has_change_permission(request) else {}


@admin.register(IntervalSchedule, CrontabSchedule, SolarSchedule, ClockedSchedule)
class ScheduleAdmin(Scoped):
    pass


@admin.register(TaskResult)
class TaskResultAdmin(Ledger, results.TaskResultAdmin):
    pass


@admin.register(GroupResult)
class GroupResultAdmin(Ledger, results.GroupResultAdmin):
    pass
