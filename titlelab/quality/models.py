"""QualitySnapshot: how good the drafts of one version were, as of a moment."""

from django.db import models

from titlelab.catalog.models import Catalog


class QualitySnapshot(models.Model):
    """What current Decisions say of one version's drafts; figures are means over n Decisions, None when n is 0.

    Counted are Decisions of people who saw the drafted title. The n_written others typed theirs from the sources;
    written_edit is how far that is from the draft which they did not see, and so an honest edit distance. tag_f1 is
    micro-averaged over all Decisions' proposed and final tags; it and title_edit leave out the rejected, which have no
    final values.
    """

    catalog = models.ForeignKey(Catalog, on_delete=models.CASCADE, related_name="snapshots")
    version = models.CharField(max_length=60)
    taken_at = models.DateTimeField(auto_now=True)
    n = models.PositiveIntegerField()
    n_accepted = models.PositiveIntegerField()
    n_rejected = models.PositiveIntegerField()
    n_written = models.PositiveIntegerField(default=0)
    acceptance_rate = models.FloatField(null=True)
    title_edit = models.FloatField(null=True)
    written_edit = models.FloatField(null=True)
    tag_f1 = models.FloatField(null=True)
    seconds = models.FloatField(null=True)

    class Meta:
        ordering = ["catalog", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["catalog", "version"], name="a_version_of_a_catalog_has_one_snapshot")
        ]

    def __str__(self) -> str:
        return f"{self.catalog} {self.version}"
