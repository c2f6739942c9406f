"""Ask a model about thousands of films: decoded ahead, asked some at a time, answered in order."""

import threading
from collections.abc import Generator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from radsal.core.errors import KnownError, ModelRefusal, WorkerDied, WorkerError
from radsal.core.progress import Progress
from radsal.core.radiograph import Radiograph
from radsal.core.results import Analysis
from radsal.dicom.files.finding import find_files
from radsal.workflow.ahead import Ahead, Kept, LookUp, Read
from radsal.workflow.analysis import AnalysisRequest, check_answer, make_ready
from radsal.workflow.engines import Engines

TOGETHER = 32  # films that the compute process is given at once
TOGETHER_BYTES = 256 << 20  # of their pixels; one film may be larger
LOST_IN_A_ROW = 5  # films that each take the process with them: it is not the films
TICK = 0.05
END = object()

Answers = dict[int, Analysis | KnownError]


@dataclass(frozen=True, slots=True)
class Answered:
    """A film and its analysis."""

    radiograph: Radiograph
    analysis: Analysis


@dataclass(frozen=True, slots=True)
class NotAnswered:
    """A file that was refused, or has no answer, and why."""

    path: Path
    error: KnownError


Outcome = Answered | Kept | NotAnswered


def analyse_folders(
    engines: Engines,
    paths: Sequence[Path],
    request: AnalysisRequest,
    kept: LookUp = lambda _: None,
) -> Generator[Progress | Outcome, None, None]:
    """Analyse files, folders and archives. Closing the generator stops it within two seconds.

    Parameters
    ----------
    kept:
        Called in another thread with each decoded film: its answer where there is one already.

    Yields
    ------
    :class:`Progress` in films, of which ``total`` is 0 until all have been found; one
    :class:`Outcome` for each file, in their order.

    Raises
    ------
    KnownError
        What would happen to every film: the model is refused, or its device is missing.
    WorkerDied
        The compute process was lost with five films in a row.
    """
    yield from make_ready(engines, request)
    run = _Run(engines, request)
    counting = threading.Thread(target=run.count, args=(paths,), name="radsal-count", daemon=True)
    counting.start()
    with Ahead(engines, find_files(paths), kept) as ahead:
        while (films := ahead.take(TOGETHER, TOGETHER_BYTES, TICK)) is not None:
            asking = run.ask(films)
            try:
                for step in asking:  # noqa: UP028 - what stops this must not reach it first
                    yield step
            except GeneratorExit:
                ahead.stop()  # both processes are given their time to stop beside each other
                asking.close()
                raise


class _Run:
    """How far one run is."""

    def __init__(self, engines: Engines, request: AnalysisRequest) -> None:
        self._engines = engines
        self._request = request
        self._done = self._total = self._lost = 0
        self._within = ""  # how far the films are that are asked about now, in words

    def count(self, paths: Sequence[Path]) -> None:
        """Find out how many files there are, beside everything else."""
        self._total = sum(1 for _ in find_files(paths))

    def ask(self, films: Sequence[Read]) -> Generator[Progress | Outcome, None, None]:
        """Answers for all of them, in their order."""
        asked = [read.film for read in films if isinstance(read.film, Radiograph)]
        answers: Answers = {}
        steps = self._answers(asked, answers)
        places = iter(range(len(asked)))
        for read in films:
            outcome: Outcome
            if isinstance(read.film, Kept):
                outcome = read.film
            elif isinstance(read.film, KnownError):
                outcome = NotAnswered(read.path, read.film)
            else:
                place = next(places)
                while place not in answers and next(steps, END) is not END:
                    yield self._progress()
                outcome = _outcome(read.path, read.film, answers.pop(place))
            yield self._one_more()
            yield outcome
        yield from (self._progress() for _ in steps)

    def _answers(
        self, films: Sequence[Radiograph], answers: Answers
    ) -> Generator[object, None, None]:
        """Fill in the answers. Where the process is lost its films are asked one by one."""
        if not films:
            return
        try:
            yield from self._job(films, answers)
        except WorkerError as error:
            if len(films) == 1:
                answers.setdefault(0, self._lost_with(error))
                return
            for place, film in enumerate(films):
                if place not in answers:
                    alone: Answers = {}
                    yield from self._answers([film], alone)
                    answers[place] = alone[0]
        else:
            self._lost = 0

    def _job(self, films: Sequence[Radiograph], answers: Answers) -> Generator[object, None, None]:
        job = self._engines.compute.run(
            "radsal.workflow.compute:analyse_films",
            tuple(films),
            self._request,
            timeout=self._request.patience * len(films),
        )
        with closing(job):
            for event in job:
                if isinstance(event, tuple):
                    place, answer = event
                    answers[place] = self._checked(films[place], answer)
                elif isinstance(event, Progress):
                    self._within = event.what
                yield event
        self._within = ""

    def _checked(self, film: Radiograph, answer: Analysis | KnownError) -> Analysis | KnownError:
        try:
            if isinstance(answer, Analysis):
                check_answer(film, self._request, answer)
        except KnownError as mismatch:
            return mismatch
        return answer

    def _lost_with(self, error: WorkerError) -> WorkerError:
        self._lost += isinstance(error, WorkerDied)
        if self._lost == LOST_IN_A_ROW:
            raise error
        return error

    def _progress(self) -> Progress:
        total = max(self._total, self._done) if self._total else 0
        return Progress(self._done, total, self._within)

    def _one_more(self) -> Progress:
        self._done += 1
        return self._progress()


def _outcome(path: Path, film: Radiograph, answer: Analysis | KnownError) -> Outcome:
    if isinstance(answer, ModelRefusal):
        raise answer  # it would happen to the next film as well
    return NotAnswered(path, answer) if isinstance(answer, KnownError) else Answered(film, answer)
