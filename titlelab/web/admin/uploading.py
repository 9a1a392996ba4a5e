"""A page on which a file is handed to a row: products to a catalog, tags to a library."""

import tempfile
from pathlib import Path
from typing import Any, ClassVar

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import TemporaryUploadedFile
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from unfold.widgets import UnfoldAdminFileFieldWidget

from titlelab.errors import TitleLabError
from titlelab.languages.sentences import said
from titlelab.people.rights import may
from titlelab.web.admin.one_click import OneClick

LONGEST_NAME_BYTES = 200  # file systems take 255; a browser counts characters, of which a Chinese one has three bytes


class UploadForm(forms.Form):
    """One file."""

    file = forms.FileField(widget=UnfoldAdminFileFieldWidget)


class TakesFile(OneClick):
    """Adds the page; what is done with the file stands in `take`."""

    file_permission: ClassVar[str]
    file_title: ClassVar[str]
    file_endings: ClassVar[str]
    file_help_template: ClassVar[str]

    def take(self, request: HttpRequest, row: Any, file: Path) -> tuple[str, str]:
        """Read the file; return what to tell the user and the address to go to. Raises TitleLabError."""
        raise NotImplementedError

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.upload_view)
        return [path("<int:row_id>/upload/", view, name=self.url_name("upload")), *super().get_urls()]

    def upload_view(self, request: HttpRequest, row_id: int) -> HttpResponse:
        if not may(request.user, self.file_permission):
            raise PermissionDenied
        row = self.row(request, row_id)
        if not may(request.user, self.file_permission, row):
            raise PermissionDenied
        form = UploadForm(request.POST, request.FILES) if request.method == "POST" else UploadForm()
        if form.is_valid():
            try:
                sentence, address = self._taken(request, row, form.cleaned_data["file"])
            except TitleLabError as e:
                form.add_error("file", said(str(e)))
            else:
                messages.success(request, sentence)
                return HttpResponseRedirect(address)
        context = {
            **self.admin_site.each_context(request),
            "title": said(self.file_title),
            "subtitle": str(row),
            "opts": self.opts,
            "form": form,
            "row": row,
            "row_url": self.url("change", row.pk),
            "endings": self.file_endings,
            "help_template": self.file_help_template,
        }
        return TemplateResponse(request, "titlelab/upload.html", context)

    def _taken(self, request: HttpRequest, row: Any, upload: TemporaryUploadedFile) -> tuple[str, str]:
        """Hand over the file under the name that the user knows it by: refusals name it."""
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / _short(upload.name or "file")
            file.symlink_to(upload.temporary_file_path())
            return self.take(request, row, file)


def _short(name: str) -> str:
    """Return the name with as much of its stem as a file system takes."""
    ending = Path(name).suffix[:10]
    stem = name.removesuffix(ending).encode()[: LONGEST_NAME_BYTES - len(ending.encode())]
    return stem.decode(errors="ignore") + ending
