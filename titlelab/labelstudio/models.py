"""What stands where in Label Studio, and what its webhook told us."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext as _

from titlelab.review.models import ReviewItem, ReviewQueue


class Project(models.Model):
    """A queue's project in Label Studio, and how far we have read it.

    cursor is the newest task.updated_at that reconciliation has seen; model_version the version whose predictions
    annotators are shown. asks_by_tree says that the config asks for tags by a tree; Label Studio refuses the way back
    to checkboxes once somebody has annotated, so it stays; likewise a control that asks for the category. Ids are
    Label Studio's.
    """

    queue = models.OneToOneField(ReviewQueue, on_delete=models.CASCADE, related_name="project")
    project_id = models.PositiveBigIntegerField(unique=True)
    ml_backend_id = models.PositiveBigIntegerField(null=True, blank=True)
    model_version = models.CharField(max_length=60, blank=True)
    asks_by_tree = models.BooleanField(default=False)
    asks_for_category = models.BooleanField(default=False)
    cursor = models.DateTimeField(null=True, blank=True)
    last_event_at = models.DateTimeField(null=True, blank=True)
    missed_since = models.DateTimeField(
        null=True, blank=True, help_text="Since then Decisions came by polling alone: the webhook does not arrive."
    )
    n_missed = models.PositiveIntegerField(default=0, help_text="Decisions so far that no event told of.")
    webhook_mended_at = models.DateTimeField(null=True, blank=True)
    reconciled_at = models.DateTimeField(null=True, blank=True)
    problem = models.CharField(max_length=500, blank=True)

    def __str__(self) -> str:
        return _("project %(number)s") % {"number": self.project_id}

    @classmethod
    def is_tree(cls, queue: ReviewQueue) -> bool:
        """Say whether the queue's project asks by a tree; False while it has none."""
        return cls.objects.filter(queue=queue, asks_by_tree=True).exists()


class LostProject(models.Model):
    """That a queue's project was found to be deleted in Label Studio: nothing is sent until a person wants it anew."""

    queue = models.OneToOneField(ReviewQueue, on_delete=models.CASCADE, related_name="loss")
    project_id = models.PositiveBigIntegerField()
    lost_at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        sentence = _("project %(number)s was deleted in Label Studio: press “Rebuild in Label Studio” on its queue")
        return sentence % {"number": self.project_id}


class QueueHold(models.Model):
    """Which worker may change a queue's project now; see holding.py."""

    queue = models.OneToOneField(ReviewQueue, on_delete=models.CASCADE, related_name="hold")
    holder = models.CharField(max_length=32, blank=True)
    until = models.DateTimeField()

    def __str__(self) -> str:
        return _("%(queue)s until %(time)s") % {"queue": self.queue, "time": self.until}


class InboxHold(models.Model):
    """Which worker reads the inbox now, the one row; see inbox.py."""

    holder = models.CharField(max_length=32, blank=True)
    until = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.until}"


class Task(models.Model):
    """An item's task in Label Studio; the row is made when the import has been confirmed."""

    item = models.OneToOneField(ReviewItem, on_delete=models.CASCADE, related_name="task")
    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="tasks")
    task_id = models.PositiveBigIntegerField()
    pushed_at = models.DateTimeField(auto_now_add=True)
    deleted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["project", "task_id"], name="a_task_belongs_to_one_item")]

    def __str__(self) -> str:
        return _("task %(number)s") % {"number": self.task_id}


class InboxEvent(models.Model):
    """The ids in a webhook body, stored within the annotator's request.

    IGNORED if no project of ours is meant, or an admin gave it up.
    """

    class State(models.TextChoices):
        NEW = "new"
        DONE = "done"
        IGNORED = "ignored"
        FAILED = "failed"

    action = models.CharField(max_length=50)
    body = models.JSONField()
    state = models.CharField(max_length=10, choices=State, default=State.NEW)
    problem = models.CharField(max_length=500, blank=True)
    attempts = models.PositiveIntegerField(default=0)
    received_at = models.DateTimeField(auto_now_add=True)
    processed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["pk"]
        indexes = [models.Index(fields=["received_at"], condition=Q(state="new"), name="inbox_new")]

    def __str__(self) -> str:
        return _("%(action)s at %(time)s") % {"action": self.action, "time": self.received_at}
