"""A limit on what is uploaded, before it fills a disk: what is larger is not stored, and the form says so."""

from typing import Any

from django.conf import settings
from django.core.files.uploadhandler import FileUploadHandler, StopUpload
from django.http import HttpRequest


class CappedUploadHandler(FileUploadHandler):
    """The first handler of a file: it stops reading a request that is larger than ECRM_UPLOAD_LARGEST."""

    def __init__(self, request: HttpRequest | None = None) -> None:
        super().__init__(request)
        self.seen = 0

    def handle_raw_input(
        self,
        input_data: Any,
        META: Any,  # noqa: N803 - Django names it so
        content_length: int,
        boundary: Any,
        encoding: Any = None,
    ) -> None:
        """Believe what the request says of its length, when that is too much already."""
        self.seen = content_length if content_length > settings.ECRM_UPLOAD_LARGEST else 0

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        self._stop_if_too_large()

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        self.seen += len(raw_data)
        self._stop_if_too_large()
        return raw_data

    def file_complete(self, file_size: int) -> None:
        """The next handler keeps it."""

    def _stop_if_too_large(self) -> None:
        if self.seen > settings.ECRM_UPLOAD_LARGEST:
            if self.request is not None:
                self.request.META["ecrm.upload_too_large"] = True
            raise StopUpload(connection_reset=True)


def was_too_large(request: HttpRequest) -> bool:
    """Whether a file of this request was left out because of its size."""
    return bool(request.META.get("ecrm.upload_too_large"))
