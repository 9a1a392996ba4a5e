"""`python -m ml_backend.sample FOLDER [WORKER_PID]`: lets two versions draft the same products, in a child process.

Reads request.json and samples.jsonl, writes report.json; one model after the other is in memory. Ends as train.py does.
"""

import sys
from pathlib import Path

from ml_backend.contract import SampleDraft, SampleReport, SampleRequest, from_json
from ml_backend.learning.sampling import sample_drafts
from ml_backend.learning.trainers import version_model
from ml_backend.train import REQUEST, SAMPLES, read_briefs, read_json, start


def run(folder: Path) -> SampleReport:
    """Draft the folder's samples with both versions; raises MLBackendError with a sentence."""
    request: SampleRequest = from_json(SampleRequest, read_json(folder / REQUEST))
    briefs, models_folder = read_briefs(folder / SAMPLES), Path(request.models_folder)

    def drafted(number: int) -> tuple[SampleDraft, ...]:
        model = version_model(request.kind, request.scope, number, models_folder)
        return sample_drafts(request.kind, model, briefs, models_folder=models_folder, scope=request.scope)

    return SampleReport(drafted=drafted(request.number), beside=drafted(request.beside))


if __name__ == "__main__":
    sys.exit(start(sys.argv[1:], run))
