"""Beat's schedule and the results of tasks: the libraries' own pages, in unfold's dress."""

from typing import Any

from django.contrib import admin
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
from unfold.admin import ModelAdmin
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from titlelab.web.admin.ledger import Ledger

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
class PeriodicTaskAdmin(beat.PeriodicTaskAdmin, ModelAdmin):
    form = PeriodicTaskForm
    date_hierarchy = None  # a dozen rows


@admin.register(IntervalSchedule, CrontabSchedule, SolarSchedule, ClockedSchedule)
class ScheduleAdmin(ModelAdmin):
    pass


@admin.register(TaskResult)
class TaskResultAdmin(Ledger, results.TaskResultAdmin):
    pass


@admin.register(GroupResult)
class GroupResultAdmin(Ledger, results.GroupResultAdmin):
    pass
