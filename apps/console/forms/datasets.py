"""What is asked about datasets."""

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from apps.datasets import formats
from apps.datasets.services import Refused


class Upload(forms.Form):
    """A file to import."""

    file = forms.FileField(
        label=_("File"),
        help_text=_(
            "CSV, TSV, JSONL or JSON with a row for each item, or a ZIP of pictures, sounds or videos. A column "
            "external_id (or id) names the items; without it they are named by their content."
        ),
        widget=forms.FileInput(attrs={"accept": ".csv,.tsv,.jsonl,.ndjson,.json,.zip"}),
    )
    media_columns = forms.CharField(
        label=_("Columns that name media"),
        required=False,
        help_text=_("Names of columns, with commas between, whose values are names of files that the dataset has."),
    )

    def clean_file(self) -> "UploadedFile[bytes]":
        """Refuse what no format reads before it is kept anywhere."""
        file: UploadedFile[bytes] = self.cleaned_data["file"]
        try:
            formats.of(file.name or "")
        except Refused as refusal:
            raise forms.ValidationError(str(refusal)) from None
        return file

    def clean_media_columns(self) -> list[str]:
        names = str(self.cleaned_data["media_columns"]).split(",")
        return [name.strip() for name in names if name.strip()]
